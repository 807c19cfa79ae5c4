# shellcheck shell=bash
# PostgreSQL 15 in the guest.

cluster=/var/lib/postgresql/main

# as_postgres COMMAND…: a server does not run as root, and needs none of the tracer's libraries.
as_postgres() { LD_LIBRARY_PATH='' chroot --userspec=101:101 / "$@"; }

server_start() {
    cat >>$cluster/postgresql.conf <<'CONF'
unix_socket_directories = '/tmp'
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = top
pg_stat_statements.track_utility = on
shared_buffers = 4MB
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
jit = off
autovacuum = off
CONF
    as_postgres pg_ctl start -w -t 120 -s -D $cluster -l $cluster/log || {
        cat $cluster/log
        return 1
    }
}

server_pid() { head -n 1 $cluster/postmaster.pid; }

# sql DATABASE STATEMENT… prints plain rows; for the test's own questions and preparations, which are no part of the workload.
sql() {
    local database=$1 statement arguments=()
    shift
    for statement in "$@"; do arguments+=(-c "$statement"); done
    as_postgres psql -h /tmp -U postgres -X -A -t -q -F ' ' -v ON_ERROR_STOP=1 -d "$database" "${arguments[@]}"
}

# server_schema makes the workload's tables in a database of its own: the test's questions go to another one.
server_schema() {
    sql postgres 'create extension pg_stat_statements' 'create database shop'
    sql shop \
        'create table orders (id int primary key, customer int, note text)' \
        "insert into orders select i, i % 100, repeat('x', 200) from generate_series(1, 20000) i" \
        'create table k06_insert (id int)' \
        'create table k08_stock (id int primary key, left_over int)' \
        'insert into k08_stock select i, 100 from generate_series(1, 50) i' \
        'create table k10_copy (id int)' \
        'create table k25_deferred (id int unique deferrable initially deferred)' \
        'vacuum analyze'
    sql postgres checkpoint
}
