#!/usr/bin/env bash
# Runs the tracer against a real PostgreSQL 15 on other kernels than this machine's, in qemu, and prints TAP. Needs root, Debian, and
# the network while the cache is empty. See docs/kernels.md.
set -euo pipefail

# mke2fs and ldconfig, which a shell without a login as root does not find.
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$(realpath -m "${PGSCOPE_CACHE:-$root/cache}")/kernels
results=$root/build/test-kernels
tracer=$root/build/pgscope-tracer
# Seconds for one boot with its test: several times what two slow cores need.
# shellcheck disable=SC2034
boot_limit=900

# name, Debian suite whose kernel it is, test that the guest runs.
guests=(
    "6.1 bookworm capture"
    "6.12 bookworm-backports capture"
    "5.10 bullseye refusal"
)

say() { echo "# $*"; }
fail() {
    echo "test/kernels: $*" >&2
    exit 1
}

# shellcheck source=scripts/debian-archive.sh
. "$root/scripts/debian-archive.sh"
# shellcheck source=test/kernels/archive.sh
. "$here/archive.sh"
# shellcheck source=test/kernels/kernel.sh
. "$here/kernel.sh"
# shellcheck source=test/kernels/root-disk.sh
. "$here/root-disk.sh"
# shellcheck source=test/kernels/boot.sh
. "$here/boot.sh"
# shellcheck source=test/kernels/findings.sh
. "$here/findings.sh"

main() {
    [ -x "$tracer" ] || fail "build/pgscope-tracer does not exist; run make tracer first"
    [ "$(id -u)" -eq 0 ] || fail "this makes a root file system with its owners and device nodes; run it as root"
    "$root/scripts/setup-kernels.sh"
    mkdir -p "$cache" "$results"
    exec 9>"$cache/lock"
    flock 9 # of several runs, one fills the cache
    local disk
    archive_open "$root_suite" || fail "Debian's $root_suite cannot be fetched"
    disk=$(root_disk)
    boot_all "$disk"
    collect_all
    findings_total
}

# boot_all DISK starts all guests at once: each is mostly one process after the other, and there is more than one core.
declare -A running=() # name → process
boot_all() {
    local guest name suite test kernel
    trap 'kill "${running[@]}" 2>/dev/null || true' EXIT
    rm -f "$results"/*
    for guest in "${guests[@]}"; do
        read -r name suite test <<<"$guest"
        if archive_open "$suite"; then
            kernel=$(kernel_prepare "$suite")
            say "kernel $name: booting $(basename "$kernel")"
            boot "$name" "$kernel" "$1" "$test"
            running[$name]=$!
        elif [ "$test" = refusal ]; then
            # Releases leave the mirrors in the end, and their kernels with them.
            say "kernel $name: LEFT OUT, the mirror has no $suite any more"
        else
            findings_add "$name" "not ok - Debian's $suite can be fetched"
        fi
    done
    say "each guest has $boot_limit s; what they found comes when they are done"
}

collect_all() {
    local guest name status
    for guest in "${guests[@]}"; do
        name=${guest%% *} status=0
        [ -n "${running[$name]:-}" ] || continue
        wait "${running[$name]}" || status=$?
        unset "running[$name]"
        rm -f "$results/$name.initrd"
        findings_collect "$name" "$status"
        say "kernel $name: done after $SECONDS s"
    done
}

main "$@"
