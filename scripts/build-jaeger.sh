#!/usr/bin/env bash
# Builds Jaeger, a trace receiver that is not ours, for tests, and prints the path of the binary. Its version and the checksums of
# all its modules are in test/jaeger/go.mod and go.sum. It is built once for each of these (10 minutes on two cores) and kept
# in cache/bin, or in $PGSCOPE_CACHE/bin. Needs Go, by its own name or as GO=/path/to/go, and its module proxy.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
module=$root/test/jaeger
package=github.com/jaegertracing/jaeger/cmd/jaeger
go=${GO:-go}
directory=${PGSCOPE_CACHE:-$root/cache}/bin
jaeger=$directory/jaeger
unfinished=""

main() {
    mkdir -p "$directory"
    exec 9>"$directory/.jaeger.lock"
    flock 9 # who comes second finds it built
    if ! is_built; then
        build
        is_built || fail "$jaeger does not run"
    fi
    printf '%s\n' "$jaeger"
}

# What the binary was built from stands beside it; a binary that does not start is none.
is_built() {
    [ "$(cat "$jaeger.built-from" 2>/dev/null)" = "$(fingerprint)" ] && "$jaeger" version >/dev/null 2>&1
}

fingerprint() { cat "$module/go.mod" "$module/go.sum" | sha256sum | cut -d ' ' -f 1; }

build() {
    command -v "$go" >/dev/null ||
        fail "Go is missing: install Go 1.21 or newer (1.24 is fetched by it), or give its path as GO=/path/to/go"
    echo "building $(version) of Jaeger, which takes 10 minutes on two cores" >&2
    rm -f "$jaeger.built-from"
    unfinished=$directory/.jaeger.$$
    # -mod=readonly: what is not in go.mod and go.sum, or differs, is an error.
    (cd "$module" && CGO_ENABLED=0 nice "$go" build -mod=readonly -trimpath -ldflags '-s -w' -o "$unfinished" "$package") >&2
    mv "$unfinished" "$jaeger"
    unfinished=""
    fingerprint >"$jaeger.built-from"
}

version() { sed -nE 's|^\t?(require )?github.com/jaegertracing/jaeger (v[^ ]+).*|\2|p' "$module/go.mod"; }

fail() {
    echo "build-jaeger: $*" >&2
    exit 1
}

trap '[ -z "$unfinished" ] || rm -f "$unfinished"' EXIT
main
