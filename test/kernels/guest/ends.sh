# shellcheck shell=bash disable=SC2154 # tracer is tracer.sh's
# The ends: of a backend, of the tracer by force, of the tracer by its input. Part of capture.sh.

# The server ends all its backends after that and starts anew: its statistics are gone, so this comes last.
workload_killed() {
    client 'select pg_sleep(60) as k30_killed' &
    wait_for 30 workload_sleeps k30_killed || return 1
    kill -KILL "$(sql postgres "select pid from pg_stat_activity where query like '%k30_killed' and pid <> pg_backend_pid()")"
    wait $!
    wait_for 60 sql postgres 'select 1'
}
remark "a killed backend"
workload_killed >/dev/null 2>&1
tracer_drain killed
check "a backend that is killed in the middle of a statement is a failure with its signal" \
    tracer_says '.type == "statement" and .reason == "failed" and ((.signal // "") | test("KILL"))'
check "the server that started anew is still a target" tracer_says '.type == "drained" and .token == "killed" and .targets[0].backends > 0'

pins() { find /sys/fs/bpf -type f | grep . && return 1 || return 0; }
bpf_is_as_before() { [ "$(bpf_objects)" = "$(cat /tmp/bpf-before)" ]; }
bpf_holds_more() { ! bpf_is_as_before; }
left_nothing() {
    wait_for 30 bpf_is_as_before && pins && return 0
    bpftool prog list
    bpftool link list
    return 1
}
check "the tracer holds programs while it runs" bpf_holds_more
remark "a killed tracer"
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
exec 5>&-
check "after kill -9 no program, map, link or pin is left" left_nothing
check "the server goes on without the tracer" sql shop 'select 1'

remark "a tracer whose input ends"
tracer_start
tracer_command "{\"command\":\"attach\",\"target\":\"local\",\"pid\":$(server_pid),\"settings\":{}}"
check "a second tracer attaches" tracer_says '.type == "attached"'
exec 5>&-
wait "$tracer"
ended=$?
check "the tracer ends when its input ends, exit code $ended" [ "$ended" = 0 ]
check "then, too, nothing is left" left_nothing
