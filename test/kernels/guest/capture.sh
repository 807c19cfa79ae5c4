# shellcheck shell=bash
# A kernel that is supported: the tracer loads, attaches, counts what PostgreSQL counts, and leaves nothing behind.
# shellcheck source=test/kernels/guest/server.sh
. ./server.sh
# shellcheck source=test/kernels/guest/tracer.sh
. ./tracer.sh
# shellcheck source=test/kernels/guest/workload.sh
. ./workload.sh
# shellcheck source=test/kernels/guest/compare.sh
. ./compare.sh

server_start || { not_ok "PostgreSQL starts" && return; }
server_schema
workload_early_session
bpf_objects >/tmp/bpf-before
remark "kernel $(uname -r), PostgreSQL $(sql postgres 'show server_version')"

# The load: what this kernel has is what the tracer says it has.
if ! tracer_start; then
    not_ok "the tracer loads its programs"
    sed 's/^/#   /' /tmp/tracer.log | tail -n 100 >&3
    return
fi
ok "the tracer loads its programs"
remark "$(event '.type == "ready"')"
kernel_is_at_least() { printf '%s\n%s\n' "$1" "$(uname -r)" | sort -VC; }
multi=$(kernel_is_at_least 6.6 && echo true || echo false)
check "ready says uprobeMulti: $multi" tracer_says ".type == \"ready\" and .features.uprobeMulti == $multi"
sockets=$([ -d /sys/kernel/tracing/events/sock/sock_send_length ] && echo tracepoints || echo functions)
check "ready says that sockets are seen by $sockets" tracer_says ".type == \"ready\" and .features.sockets == \"$sockets\""
check "ready says that system calls on files are seen by their functions" tracer_says '.type == "ready" and .features.io == "functions"'

tracer_command "{\"command\":\"attach\",\"target\":\"local\",\"pid\":$(server_pid),\"settings\":{}}"
check "PostgreSQL 15 is attached, and is a verified version" tracer_says '.type == "attached" and .major == 15 and .verified'
remark "$(event '.type == "attached" or .type == "refused"')"
check "no hook is missing or failed" tracer_says '.type == "attached" and ([.hooks[] | select(.state != "attached")] == [])'
via=$([ "$multi" = true ] && echo uprobe.multi || echo uprobe)
check "every hook is attached by way of $via" tracer_says ".type == \"attached\" and all(.hooks[]; .via == \"$via\")"
check "the kernel holds the links of that kind: $(tracer_link_types | paste -sd ' ')" links_are "$multi"

sql postgres 'select pg_stat_statements_reset()'
remark "workload"
workload_completed 2>&1
workload_failing 2>&1
check "a drain is answered" tracer_drain first
remark "comparing"
check "the parallel query had workers" grep -Eq 'Workers Launched: [1-9]' /tmp/parallel
shop_aggregates
check "calls and rows equal pg_stat_statements'" same 'calls rows' 'calls rows'
check "errors are counted once each" aggregates_hold "(map(.errors) | add) == $(workload_sqlstates | wc -l)"
check "failed statements carry their SQLSTATEs" same_failures
check "each literal's variant is one query" aggregates_hold 'length == 6' 'k0[1-6]'
check "shared blocks read are not less than pg_stat_statements'" not_less shared_blks_read sharedBlocksRead
check "shared blocks hit are not less than pg_stat_statements'" not_less shared_blks_hit sharedBlocksHit
check "WAL records are not less than pg_stat_statements'" not_less wal_records walRecords
check "times are not less than pg_stat_statements'" not_less '(total_exec_time*1000000)::bigint' durationNs
check "an autocommit INSERT's commit is its own" aggregates_hold '.[0] | .walRecords >= 2 * .calls' k06_insert
check "histograms hold every statement" aggregates_hold 'all(.[]; ([.durations.counts[]] | add) == .calls + .errors)'
check "the kernel's counters are read" aggregates_hold \
    '(map(.cpuNs // 0) | add) > 0 and (map(.minorFaults // 0) | add) > 0 and (map(.storageReadBytes // 0) | add) > 0'
check "network bytes over TCP are read" aggregates_hold \
    '.[0] | .networkReceivedBytes > 100 * .calls and .networkSentBytes > 20 * .calls' k03_extended
check "network bytes over a unix socket are read" aggregates_hold \
    '.[0] | .networkReceivedBytes > 25 * .calls and .networkSentBytes > 25 * .calls' k02_early
check "blocks of a cold table are read from storage by the session" files_hold \
    'select(.operation == "read" and .backendType == "client backend") | .storageReadBytes' 1000000
check "commits sync" files_hold 'select(.operation == "sync" and .backendType == "client backend") | .calls' 20
check "nothing was lost" tracer_says '.type == "drained" and ([.losses[]] | add // 0) == 0'

# Level phases: other hooks, and other programs.
tracer_command '{"command":"settings","target":"local","settings":{"level":"phases","minDurationNs":0}}'
check "level phases is taken" tracer_says '.type == "settings"'
workload_phases
check "a second drain is answered" tracer_drain second
check "a statement has its phases" statement_holds "$(query_of k50_outer)" \
    '[.phases[].phase] == ["parse", "analyze", "plan", "execute", "commit"]'
check "and the statement of its function" statement_holds "$(query_of k50_outer)" \
    '(.nested | length) == 1 and .nested[0].calls == 3 and .nested[0].durationNs > 0'
check "a prepared statement begins with bind" statement_holds "$(query_of k51_prepared)" '[.phases[].phase] | .[0] == "bind"'

# shellcheck source=test/kernels/guest/ends.sh
. ./ends.sh
remark "end"
