# shellcheck shell=bash
# The known workload. Each statement carries a mark of its own, k01_… to k51_…, as a name that survives normalisation: by it the
# tracer's numbers are laid beside PostgreSQL's own.

# client STATEMENT… sends each in a message of its own (simple protocol), over TCP.
client() {
    local statement arguments=()
    for statement in "$@"; do arguments+=(-c "$statement"); done
    as_postgres psql -h 127.0.0.1 -U postgres -X -A -t -q -d shop "${arguments[@]}"
}

# transactions PROTOCOL CLIENTS COUNT STATEMENT
transactions() {
    echo "$4" >/tmp/script.sql
    as_postgres pgbench -h 127.0.0.1 -U postgres -n -M "$1" -c "$2" -t "$3" -f /tmp/script.sql shop
}

# A session that is there before the tracer attaches.
workload_early_session() {
    mkfifo /tmp/early
    exec 7<>/tmp/early
    as_postgres psql -h /tmp -U postgres -X -A -t -q -d shop </tmp/early >/tmp/early.out 2>&1 7>&- &
    early=$!
    echo 'select 0 as k00_before;' >&7
    wait_for 30 grep -q 0 /tmp/early.out
}

workload_early_session_end() {
    local i
    for i in 1 2 3 4 5; do echo "select $i * 1000 as k02_early;"; done >&7
    echo '\q' >&7
    wait "$early"
    exec 7>&-
}

workload_completed() {
    local i list
    for i in 1 2 3 4 5 6 7 8 9 10; do client "select $i as k01_simple, 'it''s -$i' /* $i */"; done
    workload_early_session_end
    transactions extended 2 50 'select customer as k03_extended from orders where id = :client_id + 1;'
    transactions prepared 2 50 'select customer as k04_prepared from orders where id < :client_id + 4;'
    for i in 1 2 50 300; do
        list=$(seq -s , 1 $i)
        client "select id as k05_list from orders where id in ($list)"
    done
    transactions extended 1 20 'insert into k06_insert values (:client_id);'
    client 'explain (analyze, costs off) select sum(length(note)) as k07_parallel from orders' >/tmp/parallel
    client 'select sum(length(note)) as k07_parallel from orders'
    client begin 'update k08_stock set left_over = left_over - 1 where id <= 7' commit
    client 'select 1, 2, 3 as k09_first; select generate_series(1, 3) as k09_second'
    seq 1 40 | client 'copy k10_copy from stdin'
    client 'copy k10_copy to stdout' >/dev/null
    client begin 'declare k11_cursor cursor for select id from orders' 'fetch 5 from k11_cursor' 'fetch 7 from k11_cursor' \
        'close k11_cursor' rollback
    # What a block runs inside is part of the block, and an error that it catches is none.
    client 'do $$ declare k12_caught int; begin select 1 / 0 into k12_caught; exception when others then null; end $$'
    client 'set work_mem = 4096' 'create temporary table k13_temporary as select i from generate_series(1, 30) i'
    # From the disk and not from the page cache, in the first process that reads it.
    sync
    echo 3 >/proc/sys/vm/drop_caches
    client 'set max_parallel_workers_per_gather = 0' 'select count(note) as k14_cold from orders'
}

# Each fails once; workload_sqlstates says how.
workload_failing() {
    client 'select 1 / 0 as k20_division'
    client 'selec k21_syntax'
    client 'select * from k22_missing'
    client 'insert into k08_stock values (1, 23)'
    PGOPTIONS='-c statement_timeout=300' client 'select pg_sleep(60) as k24_timeout'
    client 'begin' 'insert into k25_deferred values (1), (1)' 'end'
    client "do \$\$ begin raise exception 'k26_raised'; end \$\$"
    transactions extended 1 1 'select 1 / :client_id as k27_extended;'
    client 'select sum(1 / (id - 10000)) as k28_worker from orders'
    client 'select pg_sleep(60) as k29_terminated' &
    wait_for 30 workload_sleeps k29_terminated
    sql postgres "select pg_terminate_backend(pid) from pg_stat_activity where query like '%k29_terminated' and pid <> pg_backend_pid()"
    wait $!
}

workload_sqlstates() {
    cat <<'LIST'
select k20_division 22012
selec k21_syntax 42601
select k22_missing 42P01
insert k08_stock 23505
select k24_timeout 57014
end 23505
do k26_raised P0001
select k27_extended 22012
select k28_worker 22012
select k29_terminated 57P01
LIST
}

workload_sleeps() {
    [ "$(sql postgres "select count(*) from pg_stat_activity where datname = 'shop' and query like '%$1' and wait_event = 'PgSleep'")" = 1 ]
}

workload_phases() {
    client 'create function k50_function() returns bigint language plpgsql as $$ declare n bigint; begin
            for i in 1..3 loop select count(*) into n from k10_copy; end loop; return n; end $$' \
        'select k50_function() as k50_first'
    tracer_says '.type == "hook" and .name == "standard_ExecutorEnd" and .state == "attached"'
    client 'select k50_function() as k50_outer'
    transactions prepared 1 5 'select customer as k51_prepared from orders where id < :client_id + 4;'
}
