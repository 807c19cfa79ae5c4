# shellcheck shell=bash disable=SC2154 # events is tracer.sh's
# Lays the tracer's numbers beside pg_stat_statements'. Both are first brought into one form: one line per command and mark
# ("select k01_simple"), sorted; statements without a mark are known by their command alone.

# In jq's language: a statement's text → its command and mark.
statement_name='def name: (capture("^[\\s;]*(?<word>[a-zA-Z]+)").word | ascii_downcase)
    + ((capture("(?<mark>k[0-9][0-9]_[a-z]+)").mark | " " + .) // "");'

# shop_aggregates prints each aggregate of the workload's database with its statement's name, as JSON lines.
shop_aggregates() {
    local database
    database=$(sql postgres "select oid from pg_database where datname = 'shop'")
    jq -sc "$statement_name"'
        (map(select(.type == "query") | {(.fingerprint): .text}) | add) as $texts
        | map(select(.type == "aggregate" and .databaseOid == $shop and .fingerprint != "0000000000000000"))[]
        | .name = (($texts[.fingerprint] // "unknown") | name)' --argjson shop "$database" "$events" >/tmp/aggregates
}

# tracer_sums FIELD… prints "name: sum…" of completed statements; sums are 0 where the field is absent.
tracer_sums() {
    jq -src 'map(select(.calls > 0)) | group_by(.name)[] | . as $group | $group[0].name
        + ": " + ($ARGS.positional | map(. as $field | $group | map(.[$field] // 0) | add | tostring) | join(" "))' \
        /tmp/aggregates --args "$@" | LC_ALL=C sort
}

# server_sums COLUMN… prints the same of pg_stat_statements; without the workload's "end", which fails while it commits:
# pg_stat_statements takes it for completed.
server_sums() {
    local columns
    columns=$(printf ", sum(%s)" "$@")
    sql postgres "select lower(substring(query from '^[\s;]*([a-zA-Z]+)')) || coalesce(' ' || substring(query from 'k[0-9][0-9]_[a-z]+'), '')
        || ':' as name $columns from pg_stat_statements join pg_database d on d.oid = dbid where datname = 'shop' and query <> 'end' group by 1" | LC_ALL=C sort
}

# same COLUMNS FIELDS is true if both sides are equal for every statement.
same() {
    # shellcheck disable=SC2086
    server_sums $1 >/tmp/server-sums
    # shellcheck disable=SC2086
    tracer_sums $2 >/tmp/tracer-sums
    is_same /tmp/server-sums pg_stat_statements /tmp/tracer-sums
}

# is_same FILE NAME FILE is true if the files are equal and not empty; else says which lines only NAME or only the tracer has.
is_same() {
    [ -s "$1" ] && diff "$1" "$3" >/tmp/difference && return 0
    sed -n "s/^</$2:/p; s/^>/tracer:/p" /tmp/difference
    return 1
}

# not_less COLUMN FIELD is true if for no statement the tracer has less.
not_less() {
    join -t : <(server_sums "$1") <(tracer_sums "$2") |
        awk -F ': *' '$3 < $2 { print $1 ": tracer " $3 ", pg_stat_statements " $2; less = 1 } END { exit less || NR == 0 }'
}

# captured_failures prints "name SQLSTATE" of each failed statement's record.
captured_failures() {
    jq -src "$statement_name"'
        (map(select(.type == "query") | {(.fingerprint): .text}) | add) as $texts
        | map(select(.type == "statement" and .reason == "failed"))[]
        | (($texts[.fingerprint] // "unknown") | name) + " " + (.sqlstate // "none")' "$events" | LC_ALL=C sort
}

same_failures() {
    workload_sqlstates | LC_ALL=C sort >/tmp/expected-failures
    captured_failures >/tmp/captured-failures
    is_same /tmp/expected-failures expected /tmp/captured-failures
}

# aggregates_hold CONDITION [NAMES] is true if the jq condition holds for the array of the aggregates whose names match; else shows them.
aggregates_hold() {
    jq -c "select(.name | test(\"${2:-.}\"))" /tmp/aggregates >/tmp/matching
    jq -es "length > 0 and ($1)" /tmp/matching >/dev/null && return 0
    cat /tmp/matching
    return 1
}

# query_of MARK prints the fingerprint of the query whose text ends in this mark, or has it with " from".
query_of() { event '.type == "query"' | jq -src "map(select(.text | test(\"as $1( from.*)?\$\")))[0].fingerprint"; }

# statement_holds FINGERPRINT CONDITION is true if the condition holds for the query's last record.
statement_holds() { event ".type == \"statement\" and .fingerprint == \"$1\"" | tail -n 1 | tee /dev/stderr | jq -e "$2"; }
