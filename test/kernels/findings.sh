# shellcheck shell=bash disable=SC2154 # the settings are run.sh's
# Collects what the guests found into one numbered TAP stream. Sourced by run.sh.

passed=0
failed=0

# findings_add NAME LINE prints a line "ok - …" or "not ok - …" with its number and the kernel's name; other lines are remarks.
findings_add() {
    case $2 in
    "ok - "*) passed=$((passed + 1)) && echo "ok $((passed + failed)) - $1: ${2#ok - }" ;;
    "not ok - "*) failed=$((failed + 1)) && echo "not ok $((passed + failed)) - $1: ${2#not ok - }" ;;
    *) echo "# $1: ${2#\# }" ;;
    esac
}

# findings_collect NAME STATUS takes the guest's findings; one that did not reach its end has failed, and shows its last words.
findings_collect() {
    local name=$1 status=$2 line finished=""
    while read -r line; do
        line=${line%$'\r'}
        if [ "$line" = finished ]; then finished=yes; else findings_add "$name" "$line"; fi
    done < <(cat "$results/$name.findings" 2>/dev/null)
    [ -z "$finished" ] || return 0
    case $status in
    124 | 137) findings_add "$name" "not ok - the guest ends within $boot_limit s" ;;
    *) findings_add "$name" "not ok - the guest runs its test to the end (qemu's exit code $status)" ;;
    esac
    tail -n 30 "$results/$name.console" "$results/$name.qemu" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
}

findings_total() {
    echo "1..$((passed + failed))"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
