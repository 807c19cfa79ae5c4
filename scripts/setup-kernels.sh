#!/usr/bin/env bash
# Installs what `make test-kernels` needs on Debian and this machine does not have: an emulator, a file system maker, and the
# tools that take packages apart. Run as root; does nothing where all is there.
set -euo pipefail

packages=(qemu-system-x86 e2fsprogs cpio xz-utils busybox-static)

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages: ${missing[*]}; install them, or run this as root" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"
