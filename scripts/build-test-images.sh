#!/usr/bin/env bash
# Builds the images of the test cluster from test/cluster/images/, as build-images.sh builds pgscope's: the pods' sandbox, PostgreSQL 15
# and 17 (Debian's) and 18 (npm's), each used as the official image is, and a client with OpenTelemetry. Prints the archives' paths.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/image-store.sh
. "$here/image-store.sh"
# shellcheck source=scripts/image-bases.sh
. "$here/image-bases.sh"

images=test/cluster/images
# The compiler for queries and what is written in Perl are half of the size. Without its library there is no JIT, as in many an image.
leave_out=('usr/lib/*/libLLVM*' 'usr/lib/llvm*' 'usr/lib/*/libz3*' 'usr/lib/postgresql/*/lib/bitcode' 'usr/lib/postgresql/*/lib/llvmjit*'
    'usr/share/perl*' 'usr/lib/*/perl*' 'usr/lib/*/libperl*')

main() {
    [ $# -eq 0 ] || fail "usage: $0"
    in_own_namespaces "$@"
    open_store
    make_bases
    bookworm=$("$here/debian-root.sh" bookworm postgresql-15,tini)
    trixie=$("$here/debian-root.sh" trixie postgresql-17)
    local packages debian_15 debian_17
    packages=$(contents package-lock.json)
    debian_15=$(contents $images/postgres | key_of "$(root_key "$bookworm")")
    debian_17=$(contents $images/postgres | key_of "$(root_key "$trixie")")

    archive localhost/pause:1 "$(contents $images/pause | key_of)" pause
    archive localhost/postgres:15 "$debian_15" debian_postgres 15 "$bookworm"
    archive localhost/postgres:17 "$debian_17" debian_postgres 17 "$trixie"
    archive localhost/postgres:18 "$(contents $images/postgres-18 | key_of "$debian_15" "$packages")" npm_postgres 18
    archive localhost/shop-client:1 "$(contents $images/shop-client scripts/image-files{,.ts} | key_of "$bases_key" "$packages")" shop_client
}

# archive NAME KEY FUNCTION ARG…: the path of an image's archive; the function builds the image if there is no archive of this key.
# It has the context's folder in $context, and calls `image`.
archive() {
    local name=$1 path
    path=$(archive_path "$1" "$2")
    shift 2
    if [ ! -f "$path" ]; then
        local context=$TMPDIR/context
        mkdir "$context"
        "$@"
        write_archive "$name" "$path"
        rm -r "$context"
    fi
    printf '%s\n' "$path"
}

pause() {
    gcc -static -O2 -Wall -Werror -o "$context/pause" "$root/$images/pause/pause.c"
    build_image localhost/pause:1 "$context" --file "$root/$images/pause/Dockerfile"
}

# debian_postgres MAJOR ROOT
debian_postgres() {
    local base
    base=localhost/postgres-root:$1-$(root_key "$2")
    has_image "$base" || make_root_image "$2" "$base"
    build_image "localhost/postgres:$1" "$root/$images/postgres" --build-arg "BASE=$base" --build-arg "MAJOR=$1"
}

npm_postgres() {
    cp -r "$root/node_modules/postgres-$1/native/." "$context"
    # The links by which programs find libraries are not in the package.
    /sbin/ldconfig -n "$context/lib"
    rm "$context/pg-symlinks.json"
    debian_postgres 15 "$bookworm" # what it begins with, from the layers of before
    build_image "localhost/postgres:$1" "$context" --file "$root/$images/postgres-$1/Dockerfile"
}

shop_client() {
    (cd "$root" && node_modules/.bin/node --import ./test/typescript.js scripts/image-files.ts shop-client "$context") >&2
    build_image localhost/shop-client:1 "$context" --file "$root/$images/shop-client/Dockerfile" \
        --build-arg "NODE=node:$(node_version)-bookworm-slim" --build-arg DEBIAN=debian:bookworm-slim
}

main "$@"
