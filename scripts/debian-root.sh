#!/usr/bin/env bash
# Prints a directory that holds a Debian release with the given packages, and builds it first (one to two minutes) if it
# is not in the cache yet. Used to run the servers and the kernels of other releases than this machine's own.
#
#   debian-root.sh RELEASE PACKAGE[,PACKAGE]…        e.g. debian-root.sh trixie postgresql-17
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: $0 RELEASE PACKAGE[,PACKAGE]…" >&2
    exit 2
fi
release=$1 packages=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/debian-archive.sh
. "$here/debian-archive.sh"

cache=${PGSCOPE_CACHE:-$(dirname "$here")/cache}
root=$cache/roots/$release-${packages//,/-}
mkdir -p "$cache/roots"

if [ ! -d "$root" ]; then
    exec 9>"$root.lock"
    flock 9 # of several that want it, one builds
fi
if [ ! -d "$root" ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "a Debian root directory can only be made by root; run scripts/setup.sh test as root once" >&2
        exit 1
    fi
    # The keys of the release before know those of the next one; see debian-archive-keyring.
    mirror=$(debian_mirror) keyring=$(debian_keyring)
    building=$root.building
    rm -rf --one-file-system "$building"
    echo "building Debian $release with $packages in $root" >&2
    if ! debootstrap --variant=minbase --keyring="$keyring" --include="$packages" "$release" "$building" "$mirror" \
        >"$root.log" 2>&1; then
        tail -n 20 "$root.log" >&2
        echo "debootstrap of $release failed; the whole log is in $root.log" >&2
        exit 1
    fi
    rm -rf "$building/var/cache/apt/archives" "$building/var/lib/postgresql"/*/main
    mkdir -p "$building/var/cache/apt/archives/partial"
    chmod 1777 "$building/dev/shm"
    mv "$building" "$root"
    rm -f "$root.lock"
fi
printf '%s\n' "$root"
