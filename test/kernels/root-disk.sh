# shellcheck shell=bash disable=SC2154 # the settings are run.sh's
# The guests' root file system: PostgreSQL and the tools of the test, unpacked from Debian 12's packages and never installed, so that
# it takes seconds, no chroot of many steps, and no mount. Sourced by run.sh.

root_suite=bookworm
root_packages=(bash coreutils diffutils dash mount procps grep sed mawk jq bpftool postgresql-15 libelf1 zlib1g libjansson4)
# What those depend on for their installation scripts, for JIT and for other languages: no part of the test.
root_unneeded='^(libllvm|libz3|perl|libperl|lib.*-perl=|locales|libc-l10n|usrmerge|dpkg=|tar=|debconf|adduser|ucf|ssl-cert|openssl=|passwd)'

# root_disk prints the path of the disk image, made if its package list or this recipe has changed.
root_disk() {
    local packages key image
    mapfile -t packages < <(archive_closure "$root_suite" "${root_packages[@]}" | grep -Ev "$root_unneeded" | sort)
    [ ${#packages[@]} -gt 0 ] || fail "Debian's $root_suite: the packages ${root_packages[*]} cannot be resolved"
    key=$(printf '%s\n' "${packages[@]}" | cat - "$here/root-disk.sh" | sha256sum | cut -c1-16)
    image=$cache/root-$key.img
    if [ ! -e "$image" ]; then
        say "making the root file system: ${#packages[@]} packages" >&2
        local work=$cache/root.new
        rm -rf "$work"
        archive_download "$root_suite" "$work/packages" "${packages[@]}"
        root_unpack "$work"
        root_database "$work/tree"
        # 1 GiB: a quarter of it is used; holes take no space.
        mke2fs -q -F -t ext4 -m 0 -d "$work/tree" "$image.new" 1G >/dev/null
        rm -rf "$work" "$cache"/root-*.img
        mv "$image.new" "$image"
    fi
    echo "$image"
}

# root_unpack WORK unpacks each package over one tree, and writes the few files that installation scripts would have written.
root_unpack() {
    local tree=$1/tree package name
    mkdir -p "$tree"/usr/{bin,sbin,lib,lib64} "$tree"/{dev,proc,sys,test,tmp,run,etc,var/lib/postgresql}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$tree/$name"; done
    for package in "$1"/packages/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$tree" --keep-directory-symlink \
            --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*' --exclude='./usr/share/info*' -f -
    done
    ln -sf mawk "$tree/usr/bin/awk"
    printf 'root:x:0:0::/root:/bin/bash\npostgres:x:101:101::/var/lib/postgresql:/bin/bash\n' >"$tree/etc/passwd"
    printf 'root:x:0:\npostgres:x:101:\n' >"$tree/etc/group"
    echo '127.0.0.1 localhost' >"$tree/etc/hosts"
    ldconfig -r "$tree"
}

# root_database TREE makes the database cluster here, where it takes a second and not ten.
root_database() {
    mknod -m 666 "$1/dev/null" c 1 3
    chown 101:101 "$1/var/lib/postgresql"
    chroot --userspec=101:101 "$1" /usr/lib/postgresql/15/bin/initdb -D /var/lib/postgresql/main -U postgres --auth=trust \
        --no-locale -E UTF8 --no-sync >"$1/var/lib/postgresql/initdb.log" 2>&1 || {
        sed 's/^/# /' "$1/var/lib/postgresql/initdb.log"
        fail "initdb failed in the new root file system (above)"
    }
}
