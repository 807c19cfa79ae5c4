# shellcheck shell=bash
# The images that our Dockerfiles begin with, by the names that they use, made of Debian's packages and npm's instead of being pulled.
# Sourced after image-store.sh.

# shellcheck source=scripts/debian-archive.sh
. "$root/scripts/debian-archive.sh"

# What Debian's slim images leave out, too, and what belongs to the machine or to one start.
not_in_images=(usr/share/{doc,info,locale,man,i18n,lintian,bug,groff} 'var/lib/apt/lists/*' 'var/cache/*' 'var/log/*'
    'boot/*' 'dev/*' 'proc/*' 'sys/*' 'run/*' 'tmp/*'
    etc/{hostname,resolv.conf} 'etc/apt/sources.list*' 'etc/*-')

# What the machine's apt and npm need to know, such as proxies: for the stages that compile, and for no other.
apt_settings() { apt-config dump --no-empty | grep -E '^Acquire::(https?|Retries|ForceIPv[46]|Check-Valid-Until)\b' || true; }
npm_settings() {
    local name value
    for name in registry proxy https-proxy noproxy; do
        value=$(npm config get "$name")
        case $value in "" | null | undefined) ;; *) echo "$name=$value" ;; esac
    done
    echo "cafile=$authorities"
}
authorities=/etc/ssl/certs/ca-certificates.crt
# Of the system, and those that npm and Node are told about.
certificates() {
    local file
    for file in "$authorities" "${NODE_EXTRA_CA_CERTS:-}" "$(npm config get cafile)"; do
        [ ! -f "$file" ] || realpath "$file"
    done | sort -u | xargs -r cat
}

# make_bases: sets bases_key, which changes with what is in them.
make_bases() {
    local debian mirror version apt npm
    debian=$("$root/scripts/debian-root.sh" bookworm libstdc++6)
    mirror=$(debian_mirror) version=$(node_version) apt=$(apt_settings) npm=$(npm_settings)
    bases_key=$(certificates | key_of "$(root_key "$debian")" "$version" "$mirror" "$apt" "$npm")
    has_image "localhost/node:$bases_key" && has_image "localhost/debian:$bases_key" && return
    make_root_image "$debian" localhost/debian:bookworm-slim localhost/debian:"$bases_key"
    make_node_image
}

# make_root_image DIRECTORY NAME…: an image of one layer. Further exclusions in the array `leave_out`.
make_root_image() {
    local directory=$1 context=$TMPDIR/root pattern patterns=()
    shift
    for pattern in "${not_in_images[@]}" ${leave_out[@]+"${leave_out[@]}"}; do patterns+=("--exclude=./$pattern"); done
    mkdir "$context"
    tar --create --directory "$directory" --one-file-system --anchored --wildcards "${patterns[@]}" --file "$context/root.tar" .
    build_image "$1" "$context" "${@/#/--tag=}" --file - <<'DOCKERFILE'
FROM scratch
ADD root.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["bash"]
DOCKERFILE
    rm -r "$context"
}

# Node and npm where the official image has them, and what the machine's apt and npm need to know.
make_node_image() {
    local context=$TMPDIR/node
    local etc=$context/etc local=$context/usr/local
    mkdir -p "$local/bin" "$local/etc" "$etc/apt/apt.conf.d" "$etc/apt/sources.list.d" "$(dirname "$context$authorities")"
    cp "$(readlink -f "$root/node_modules/.bin/node")" "$local/bin/node"
    npm install --global --prefix "$local" --no-audit --no-fund --loglevel=error npm@11 >&2
    echo "deb $mirror bookworm main" >"$etc/apt/sources.list.d/debian.list"
    printf '%s\n' "$apt" >"$etc/apt/apt.conf.d/90machine"
    printf '%s\n' "$npm" >"$local/etc/npmrc"
    certificates >"$context$authorities"
    build_image "localhost/node:$version-bookworm-slim" "$context" --tag "localhost/node:$bases_key" --file - <<'DOCKERFILE'
FROM localhost/debian:bookworm-slim
COPY . /
DOCKERFILE
    rm -r "$context"
}

node_version() {
    local version
    version=$("$root/node_modules/.bin/node" --version)
    printf '%s\n' "${version#v}"
}

# What is in a directory of debian-root.sh, and how it becomes an image.
root_key() { contents "$1/var/lib/dpkg/status" "$root/scripts/image-bases.sh" | key_of ${leave_out[@]+"${leave_out[@]}"}; }
