# shellcheck shell=bash disable=SC2154 # the settings are run.sh's
# A Debian kernel without its installation: its image, and the few modules that find the disk. Sourced by run.sh.

# In the order of their dependencies; a kernel that has one built in ships no file for it.
disk_modules=(virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk
    crc32c_generic libcrc32c crc16 mbcache jbd2 ext4)

# kernel_prepare SUITE prints the directory that holds `vmlinuz` and `modules/` of the suite's kernel; named after its version.
kernel_prepare() {
    local suite=$1 package version directory
    package=$(archive_apt "$suite" apt-cache depends linux-image-amd64 | sed -nE 's/^ *Depends: (linux-image-[^ ]+)$/\1/p' | head -n 1)
    [ -n "$package" ] || fail "Debian's $suite has no linux-image-amd64"
    version=$(archive_apt "$suite" apt-cache show "$package" | sed -n 's/^Version: //p' | head -n 1)
    directory=$cache/$suite/${package#linux-image-}_$version
    if [ ! -e "$directory" ]; then
        say "fetching and unpacking $package $version" >&2
        local work=$cache/$suite.new
        rm -rf "$work"
        archive_download "$suite" "$work/package" "$package"
        kernel_unpack "$work"
        rm -rf "${cache:?}/$suite" "$work/package" "$work/tree"
        mkdir -p "$cache/$suite"
        mv "$work" "$directory"
    fi
    echo "$directory"
}

# kernel_unpack WORK takes image and modules out of the package: a small part of it, and none of its scripts.
kernel_unpack() {
    local work=$1 wanted=('./boot/vmlinuz-*') module file
    for module in "${disk_modules[@]}"; do
        wanted+=("./lib/modules/*/$module.ko" "./lib/modules/*/$module.ko.xz")
    done
    mkdir -p "$work/tree" "$work/modules"
    dpkg-deb --fsys-tarfile "$work"/package/*.deb >"$work/package/files.tar"
    # tar complains of each pattern without a match, and of each module's two patterns at most one has one.
    tar -x -C "$work/tree" --wildcards -f "$work/package/files.tar" "${wanted[@]}" 2>/dev/null || true
    mv "$work"/tree/boot/vmlinuz-* "$work/vmlinuz"
    for module in "${disk_modules[@]}"; do
        file=$(find "$work/tree/lib/modules" -name "$module.ko*")
        [ -n "$file" ] || continue
        cp "$file" "$work/modules/"
        case $file in *.xz) xz -d "$work/modules/${file##*/}" ;; esac
        echo "$module" >>"$work/modules/order"
    done
}
