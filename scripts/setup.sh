#!/usr/bin/env bash
# Installs what is missing to build pgscope and run it here (`setup.sh build`), to test it too (`setup.sh test`), or to run it in the
# local cluster as well (`setup.sh cluster`), on Debian 12, from Debian's packages and npm's registry, each through its own client.
# Quick, and without a look at the network, if nothing is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
# shellcheck source=scripts/debian-archive.sh
. "$here/debian-archive.sh"

# The tracer asks for uprobe.multi, which libbpf knows from 1.3 on; Debian 12 has 1.1, its backports 1.4.
oldest_libbpf=1:1.3
build_packages=(clang-19 clang-format-19 gcc libc6-dev make pkg-config libelf-dev zlib1g-dev libjansson-dev)
bpf_packages=(libbpf-dev bpftool)
run_packages=(bpftrace) # for pgscope run
test_packages=(debootstrap jq openssl postgresql-15 postgresql-client-15 procps shellcheck util-linux)
cluster_packages=(buildah conntrack containerd containernetworking-plugins curl ethtool iproute2 iptables runc socat)
backports_list=/etc/apt/sources.list.d/pgscope-backports.list
createcluster_conf=/etc/postgresql-common/createcluster.d/pgscope-setup.conf

main() {
    case ${1:-} in
    build) install_packages "${build_packages[@]}" "${run_packages[@]}" ;;
    test) install_packages "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" ;;
    cluster) install_packages "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}" "${cluster_packages[@]}" ;;
    *)
        echo "usage: $0 build|test|cluster" >&2
        exit 2
        ;;
    esac
    install_bpf_packages
    command -v npm >/dev/null || install_packages nodejs npm
    [ "$1" != cluster ] || install_go
    install_node_modules
    if [ "$1" != build ]; then
        # Debian 13's PostgreSQL 17, for test/servers; built once.
        as_root "$here/debian-root.sh" trixie postgresql-17 >/dev/null
    fi
}

# install_packages NAME…: those of them that are not installed.
install_packages() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    update_package_lists
    apt_install "${missing[@]}"
}

# libbpf and bpftool belong together; both come from the backports where the release's own libbpf is too old.
install_bpf_packages() {
    if is_installed libbpf-dev && is_installed bpftool &&
        libbpf_is_new_enough "$(dpkg-query -W -f '${Version}' libbpf-dev)"; then
        return 0
    fi
    update_package_lists
    local backports
    backports=$(debian_release)-backports
    if ! libbpf_is_new_enough "$(candidate libbpf-dev)"; then
        apt-cache policy | grep -F "n=$backports" >/dev/null || add_backports "$backports"
    fi
    if apt-cache policy libbpf-dev | grep -F "$backports/main" >/dev/null; then
        apt_install "${bpf_packages[@]/%//$backports}"
    else
        apt_install "${bpf_packages[@]}"
    fi
}

# Kubernetes needs a newer Go than the release has. Any from 1.21 on fetches the version that a go.mod names, from the module proxy.
install_go() {
    ! command -v "${GO:-go}" >/dev/null || return 0
    update_package_lists
    local backports
    backports=$(debian_release)-backports
    apt-cache policy | grep -F "n=$backports" >/dev/null || add_backports "$backports"
    apt_install "golang-go/$backports" "golang-src/$backports"
}

add_backports() {
    echo "deb [signed-by=$(debian_keyring)] $(debian_mirror) $1 main" | as_root tee "$backports_list" >/dev/null
    lists_are_fresh=""
    update_package_lists
}

# The server's package makes and starts a cluster called "main"; nobody asked for one here. What is there already stays.
apt_install() {
    local status=0
    echo "installing $*" >&2
    if [[ " $* " == *" postgresql-"* ]]; then
        as_root mkdir -p "$(dirname "$createcluster_conf")"
        echo "create_main_cluster = false" | as_root tee "$createcluster_conf" >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null || status=$?
    as_root rm -f "$createcluster_conf"
    return "$status"
}

# What the lock file pins. Not npm ci: it refuses the lock file where the registry has no packages for other platforms than
# this one, and it would remove node_modules under what is running from it.
install_node_modules() {
    local installed=$root/node_modules/.package-lock.json
    if [ "$installed" -nt "$root/package-lock.json" ] && [ "$installed" -nt "$root/package.json" ]; then
        return 0
    fi
    echo "installing node_modules" >&2
    (cd "$root" && npm install --no-save --no-audit --no-fund --loglevel=error)
    touch "$installed"
}

update_package_lists() {
    [ -z "${lists_are_fresh:-}" ] || return 0
    as_root apt-get update -qq
    lists_are_fresh=yes
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }
candidate() { apt-cache policy "$1" | sed -nE 's/^ *Candidate: (.*)/\1/p'; }
libbpf_is_new_enough() { [ -n "$1" ] && dpkg --compare-versions "$1" ge "$oldest_libbpf"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env=PGSCOPE_CACHE "$@"
    else
        echo "installing packages needs root: run $0 as root, or install sudo" >&2
        return 1
    fi
}

main "$@"
