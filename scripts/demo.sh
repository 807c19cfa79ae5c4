#!/usr/bin/env bash
# Shows pgscope at work, as root: builds it, lets a small shop (demo/) work on a PostgreSQL 18 of its own, shows `top` for
# DEMO_SECONDS (30) while `record` and the trace programs of bpf/programs write OTLP files, and makes a report of them.
# Leaves demo-output/ and nothing else, however it ends. With OTEL_EXPORTER_OTLP_ENDPOINT the spans of both, and pgscope's
# metrics and events, go to that receiver, too.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
node=$root/node_modules/.bin/node
seconds=${DEMO_SECONDS:-30}
output=$root/demo-output
server_user=65534 # nobody: PostgreSQL refuses to run as root
start_seconds=60
stop_seconds=20
programs=(pg-cpudist pg-read-sleep pg-syscalls pg-writesnoop)
directory=""
server="" shop="" record=""
program_pids=() program_files=()

main() {
    check_call
    say "installing what is missing, and building"
    run "$root/scripts/setup.sh" build
    run make --no-print-directory -C "$root" build
    directory=$(mktemp -d /var/tmp/pgscope-demo.XXXXXX)
    start_server
    say "filling the shop's tables"
    run "$node" "$root/demo/prepare.js" "$directory"
    open_shop
    start_record
    start_programs
    show_top
    finish_record
    finish_programs
    close_shop
    make_report
    say "done; what is left of the demo:"
    printf '  %s\n' "$output/shop.jsonl    the recording, what the programs told, and the shop's own spans, as OTLP JSON lines" \
        "$output/report.html   the report, for a browser"
}

say() { printf '\n== %s\n' "$*"; }

fail() {
    echo "demo: $*" >&2
    exit 1
}

check_call() {
    [[ $seconds =~ ^[1-9][0-9]{0,3}$ ]] || fail "DEMO_SECONDS is '$seconds'; it must be a number of seconds, 1 to 9999"
    [ "$(id -u)" = 0 ] || fail "tracing needs root: run it as root, or with sudo"
}

# start COMMAND…: in the background as $!, in a session of its own: Ctrl-C reaches this script alone, which then ends them all.
start() {
    setsid "$@" </dev/null &
}

# run COMMAND…: to its end. The shell would answer no signal before a command in the foreground ended.
run() {
    start "$@"
    wait "$!"
}

# A copy of npm's build: the server's user may not reach the checkout, and the links that npm leaves out are missing there.
install_server() {
    local native=$root/node_modules/postgres-18/native
    cp -r "$native" "$directory/server"
    # shellcheck disable=SC2016
    "$node" -p 'JSON.parse(fs.readFileSync(process.argv[1])).map((l) => `${l.source} ${l.target}`).join("\n")' \
        "$native/pg-symlinks.json" |
        while read -r source target; do
            ln -sf "$(basename "$source")" "$directory/server/${target#native/}"
        done
}

start_server() {
    say "starting PostgreSQL 18 in $directory"
    install_server
    chmod 755 "$directory"
    chown "$server_user:$server_user" "$directory"
    as_server_user initdb -D "$directory/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync \
        >"$directory/initdb.log" 2>&1
    wait "$!" || fail "initdb failed: $(tail -n 5 "$directory/initdb.log")"
    as_server_user postgres -D "$directory/data" -c listen_addresses= -c "unix_socket_directories=$directory" \
        -c cluster_name=shop -c shared_buffers=16MB >"$directory/server.log" 2>&1
    server=$!
    local deadline=$((SECONDS + start_seconds))
    until grep -qs '^ready' <(sed -n 8p "$directory/data/postmaster.pid" 2>/dev/null); do
        if ! is_running "$server" || [ "$SECONDS" -ge "$deadline" ]; then
            fail "PostgreSQL did not start within $start_seconds s: $(tail -n 5 "$directory/server.log")"
        fi
        sleep 0.1
    done
}

# as_server_user PROGRAM ARGUMENT…: started, its PID is $!. It ends with this script, and its shared memory with it: even an
# initdb that is killed leaves none, since its namespaces have their own.
as_server_user() {
    # shellcheck disable=SC2016
    start unshare --ipc --mount sh -c 'mount -t tmpfs shm /dev/shm && cd / && exec setpriv "$@"' sh \
        --reuid="$server_user" --regid="$server_user" --clear-groups --pdeathsig=QUIT "$directory/server/bin/$1" "${@:2}"
}

open_shop() {
    SHOP_SPANS=$directory/spans.jsonl start "$node" --import "$root/demo/tracing.js" "$root/demo/workload.js" "$directory" \
        >"$directory/shop.log" 2>&1
    shop=$!
}

# It outlasts what watches it. The shop's pages are all of one trace each: more spans than a busy server should send.
start_record() {
    start "$root/bin/pgscope" record --pid "$server" --level phases --otlp-file "$directory/record.jsonl" \
        --min-duration 20ms --max-per-second 500 --interval 1s >"$directory/record.log" 2>&1
    record=$!
}

# All at once: each needs some seconds to start, a bpftrace of 100 MB, and hardly anything afterwards.
start_programs() {
    local program
    for program in "${programs[@]}"; do
        start "$root/bin/pgscope" run "$program" --pid "$server" --otlp-file "$directory/$program.jsonl" \
            >"$directory/$program.log" 2>&1
        program_pids+=("$!")
    done
}

# In the background for the signals' sake, but with this terminal, for its keys.
show_top() {
    local interval=1
    [ -t 1 ] || interval=$((seconds < 5 ? 1 : 5))
    say "pgscope top --pid $server, for $seconds seconds (q ends it earlier)"
    "$root/bin/pgscope" top --pid "$server" --interval "${interval}s" --iterations $((seconds / interval)) <&0 &
    wait "$!" || fail "pgscope top failed, see above"
}

finish_record() {
    local status=0
    say "pgscope record, which ran beside it"
    kill -TERM "$record" 2>/dev/null || true
    wait "$record" || status=$?
    cat "$directory/record.log"
    [ "$status" = 0 ] || fail "pgscope record failed (exit code $status), see above"
}

# What they show is in the report. One that this kernel or bpftrace does not take leaves the rest of the demo as it is.
finish_programs() {
    local at program
    say "pgscope run ${programs[*]}, which ran beside it, too: the report has what they told"
    end_programs
    for at in "${!programs[@]}"; do
        program=${programs[at]}
        if wait "${program_pids[at]}"; then
            program_files+=("$directory/$program.jsonl")
        else
            echo "$program failed, and is not in the report: $(tail -n 3 "$directory/$program.log")"
        fi
    done
}

# Together: each first hears from its bpftrace what was counted last.
end_programs() {
    local pid
    for pid in "${program_pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
    done
}

close_shop() {
    local status=0
    is_running "$shop" || fail "the shop closed too early: $(tail -n 5 "$directory/shop.log")"
    kill -TERM "$shop"
    wait "$shop" || status=$?
    cat "$directory/shop.log"
    [ "$status" = 0 ] || fail "the shop did not close as it should (exit code $status)"
}

make_report() {
    say "pgscope report --from $output/shop.jsonl --html $output/report.html"
    mkdir -p "$output"
    cat "$directory/record.jsonl" "$directory/spans.jsonl" "${program_files[@]}" >"$output/shop.jsonl"
    run "$root/bin/pgscope" report --from "$output/shop.jsonl" --html "$output/report.html"
    chown -R --reference="$root" "$output" # whose checkout it is, also with sudo
}

is_running() { kill -0 "$1" 2>/dev/null; }

# signal NAME PID: to its process group; it is its own as soon as setsid has run.
signal() { kill "-$1" -- "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null; }

# stop PID: looks until it ended, and kills it if it does not, and what it left of its process group. No `wait`: in a trap that
# has interrupted another one bash can wait forever for a child that it has already reaped.
stop() {
    local deadline=$((SECONDS + stop_seconds))
    signal TERM "$1"
    while is_running "$1" && [ "$SECONDS" -lt "$deadline" ]; do
        sleep 0.1
    done
    signal KILL "$1" && sleep 0.1
}

# What was started last ends first.
clean_up() {
    local status=$? job
    trap '' INT TERM HUP PIPE
    set +e
    end_programs
    for job in $(jobs -p | tac); do
        # A server waits for its sessions' end on SIGTERM, not on SIGINT.
        [ "$job" != "$server" ] || kill -INT "$job" 2>/dev/null
        stop "$job"
    done
    [ -z "$directory" ] || rm -rf "$directory"
    exit "$status"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
main
