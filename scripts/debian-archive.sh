# shellcheck shell=bash
# Where this machine gets its Debian packages from, so that no archive's name stands in our files. Sourced, not run.

# debian_release: the code name of the Debian this machine runs, such as "bookworm".
debian_release() {
    # shellcheck source=/dev/null
    (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:?this is no Debian release}")
}

# debian_mirror: the URI from which apt takes this release. Asks apt itself, which needs no package list for that.
debian_mirror() {
    local uri
    uri=$(apt-get update --print-uris |
        sed -nE "s|^'([^']*)/dists/$(debian_release)/[^']*'.*|\1|p" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')
    if [ -z "$uri" ]; then
        echo "apt has no source for $(debian_release); add one to /etc/apt/sources.list.d" >&2
        return 1
    fi
    printf '%s\n' "$uri"
}

# debian_keyring: the file with the archive's public keys: the one that apt is told to use, else the package's own.
debian_keyring() {
    local keyring
    keyring=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        sed -nE 's|^Signed-By:[[:space:]]*(/[^[:space:]]*debian[^[:space:]]*).*|\1|Ip; s|^deb .*signed-by=(/[^] ]*debian[^] ]*).*|\1|p' |
        head -n 1)
    keyring=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}
    if [ ! -r "$keyring" ]; then
        echo "the Debian archive's keys are not at $keyring; install debian-archive-keyring" >&2
        return 1
    fi
    printf '%s\n' "$keyring"
}
