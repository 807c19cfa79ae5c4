# shellcheck shell=bash
# Builds images without Docker and without a registry, with buildah. Everything is in cache/images, or in $PGSCOPE_CACHE/images:
# buildah's own storage (nothing of the machine's is touched), logs, and the archives that come out. Sourced by build-*images.sh.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
store=${PGSCOPE_CACHE:-$root/cache}/images
# A cold build takes five minutes on two cores, and three times as long if they have other work.
minutes=40
# The layers of old builds go, all together, when they have become more than this; the next build begins anew.
storage_limit_mib=8192

# in_own_namespaces ARG…: starts the calling script again in mount and process namespaces of its own, and returns in there only.
# They end with it, by whatever way it ends, and with them every mount and process.
in_own_namespaces() {
    [ -z "${PGSCOPE_IMAGES_INSIDE:-}" ] || return 0
    [ "$(id -u)" -eq 0 ] || fail "images can only be built by root"
    local program
    for program in buildah debootstrap gcc npm unshare setpriv; do
        command -v "$program" >/dev/null || fail "$program is missing; run: make setup"
    done
    [ -x "$root/node_modules/.bin/node" ] || fail "node_modules is not installed; run: make setup"
    export PGSCOPE_IMAGES_INSIDE=yes
    exec timeout --verbose --foreground --kill-after=2s "${minutes}m" \
        setpriv --pdeathsig KILL \
        unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$0" "$@"
}

# For this script alone until it ends. What one that was killed has left is removed.
open_store() {
    mkdir -p "$store/run"
    exec 9>"$store/lock"
    flock --nonblock 9 || { say "waiting for another build in $store" && flock 9; }
    # State of running containers and of mounts, which end with the namespace.
    mount -t tmpfs -o mode=700 pgscope-images "$store/run"
    rm -rf "$store/tmp"
    mkdir "$store/tmp"
    export TMPDIR=$store/tmp
    if [ -d "$store/storage" ] && [ "$(du -sm "$store/storage" | cut -f 1)" -gt "$storage_limit_mib" ]; then
        say "removing the layers of old builds"
        rm -rf --one-file-system "$store/storage"
    fi
    if ! store_buildah rm --all >/dev/null; then
        say "the layers of earlier builds cannot be read; beginning anew"
        rm -rf --one-file-system "$store/storage"
    fi
}

store_buildah() {
    nice buildah --root "$store/storage" --runroot "$store/run" --storage-driver overlay "$@"
}

# build_image NAME CONTEXT OPTION…: from the layers of earlier builds as far as nothing has changed.
build_image() {
    local name=$1 context=$2
    shift 2
    local file=${name##*/}
    local log=$store/${file/:/-}.log
    say "building $name"
    if ! store_buildah bud --layers --isolation chroot --pull=never --format docker --tag "$name" "$@" "$context" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "$name could not be built; the whole log is in $log"
    fi
}

has_image() { store_buildah inspect --type image "$1" >/dev/null 2>&1; }

# archive_path NAME KEY
archive_path() {
    local file=${1##*/}
    printf '%s\n' "$store/${file/:/-}-$2.tar"
}

# write_archive NAME PATH: for `ctr images import`, which takes the name from it. Older ones of this name go.
write_archive() {
    local name=$1 path=$2
    local unfinished=$store/tmp/${path##*/}
    store_buildah push --quiet "$name" "docker-archive:$unfinished:$name" >&2
    find "$store" -maxdepth 1 -name "$(basename "$(archive_path "$name" '*')")" -delete
    mv "$unfinished" "$path"
}

# key_of WORD…: changes when one of the words, or of standard input's lines, changes.
key_of() { { printf '%s\n' "$@" && cat; } | sha256sum | cut -c 1-16; }

# contents PATH…: names and checksums of the files there.
contents() { (cd "$root" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum); }

say() { echo "images: $*" >&2; }

fail() {
    say "$*"
    exit 1
}
