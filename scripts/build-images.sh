#!/usr/bin/env bash
# Builds the images of operator and agent from images/ without Docker and without a registry (10 minutes the first time, as root),
# and prints the paths of two archives for `ctr -n k8s.io images import`. The names in them are those that the chart uses.
# Quick if nothing has changed since the last time.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/image-store.sh
. "$here/image-store.sh"
# shellcheck source=scripts/image-bases.sh
. "$here/image-bases.sh"

main() {
    [ $# -eq 0 ] || fail "usage: $0"
    in_own_namespaces "$@"
    open_store
    make_bases
    local version sources image name archive
    version=$(sed -nE 's/^appVersion: (.*)/\1/p' "$root/charts/pgscope/Chart.yaml")
    mapfile -t sources < <(sed -n 's/^!//p' "$root/.dockerignore")
    for image in operator agent; do
        name=localhost/pgscope-$image:$version
        archive=$(archive_path "$name" "$(contents images/$image .dockerignore "${sources[@]}" | key_of "$bases_key")")
        if [ ! -f "$archive" ]; then
            build_image "$name" "$root" --file "$root/images/$image/Dockerfile" --build-arg "VERSION=$version"
            write_archive "$name" "$archive"
        fi
        printf '%s\n' "$archive"
    done
}

main "$@"
