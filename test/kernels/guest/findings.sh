# shellcheck shell=bash
# How a guest says what it found; main.sh of a guest has file descriptor 3 open.

ok() { echo "ok - $*" >&3; }
not_ok() { echo "not ok - $*" >&3; }
remark() { echo "# [$(cut -d' ' -f1 /proc/uptime) s] $*" >&3; }

# check DESCRIPTION COMMAND… is ok if the command succeeds; else its output becomes remarks.
check() {
    local description=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok "$description"
    else
        not_ok "$description"
        [ -z "$output" ] || printf '%s\n' "$output" | head -n 40 | sed 's/^/#   /' >&3
    fi
}

# wait_for SECONDS COMMAND… until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || return 1
        sleep 1
    done
}
