# shellcheck shell=bash disable=SC2154 # the settings are run.sh's
# Debian's archive, through this machine's own apt: the same mirror, keys and proxies, but with a state of its own in the cache and
# an empty list of installed packages, so that a closure is complete and nothing of the machine changes. Sourced by run.sh,
# behind scripts/debian-archive.sh.

# archive_apt SUITE TOOL ARGUMENT… runs apt-get or apt-cache on that suite alone.
archive_apt() {
    local state=$cache/apt/$1 tool=$2
    shift 2
    "$tool" -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o APT::Update::Post-Invoke-Success= \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# archive_open SUITE fetches the suite's package lists, at most once a day; false if the mirror has no such suite.
archive_open() {
    local state=$cache/apt/$1 mirror keyring
    [ -z "$(find "$state/opened" -mtime -1 2>/dev/null)" ] || return 0
    mkdir -p "$state/lists/partial"
    : >"$state/status"
    mirror=$(debian_mirror) keyring=$(debian_keyring)
    echo "deb [signed-by=$keyring] $mirror $1 main" >"$state/sources.list"
    if archive_apt "$1" apt-get update -q --error-on=any >"$state/log" 2>&1; then
        touch "$state/opened"
    elif [ -e "$state/opened" ]; then
        say "Debian's $1 cannot be reached; the package lists of $(date -r "$state/opened" +%F) are used"
    else
        sed 's/^/# /' "$state/log"
        return 1
    fi
}

# archive_closure SUITE PACKAGE… prints name=version of the packages and of all that they depend on.
archive_closure() {
    local suite=$1
    shift
    archive_apt "$suite" apt-get install -s --no-install-recommends "$@" | sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1=\2/p'
}

# archive_download SUITE DIRECTORY PACKAGE… puts the packages' files into DIRECTORY; apt checks their hashes.
archive_download() {
    local suite=$1 directory=$2
    shift 2
    mkdir -p "$directory"
    (cd "$directory" && archive_apt "$suite" apt-get download -q "$@") >"$cache/apt/$suite/log" 2>&1 || {
        sed 's/^/# /' "$cache/apt/$suite/log"
        fail "Debian's $suite: packages could not be downloaded (above)"
    }
}
