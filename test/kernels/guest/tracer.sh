# shellcheck shell=bash
# The tracer, driven by hand: commands go into a pipe, events come out as lines in a file.

events=/tmp/events

# tracer_start; `tracer` is its process.
tracer_start() {
    rm -f /tmp/commands
    mkfifo /tmp/commands
    exec 4<>/tmp/commands
    : >$events
    ./pgscope-tracer </tmp/commands >$events 2>>/tmp/tracer.log 3>&- 4>&- 7>&- &
    tracer=$!
    # The pipe's only writer is now this shell: closing it ends the tracer's input.
    exec 5>/tmp/commands 4>&-
    tracer_says '.type == "ready"'
}

tracer_command() { echo "$1" >&5; }

# tracer_says CONDITION waits for an event for which the jq condition holds.
tracer_says() {
    wait_for 400 tracer_said_or_ended "$1" && event "$1" | grep . >/dev/null
}
tracer_said_or_ended() { event "$1" | grep . >/dev/null || ! kill -0 "$tracer" 2>/dev/null; }

# event CONDITION [EXPRESSION] prints of each event for which the condition holds, compactly. A last line may be half written.
event() { head -c "$(wc -c <$events)" $events | grep '}$' | jq -rc "select($1) | ${2:-.}"; }

tracer_drain() {
    tracer_command "{\"command\":\"drain\",\"token\":\"$1\"}"
    tracer_says ".type == \"drained\" and .token == \"$1\""
}

# files_hold EXPRESSION LEAST: what it says of the events on files comes to so much at least.
files_hold() { event '.type == "io"' "$1 // 0" | awk -v least="$2" '{ sum += $1 } END { exit sum < least }'; }

# What BPF holds, whoever made it: programs, maps and links, by number of objects.
bpf_objects() {
    local kind
    for kind in prog map link; do bpftool -j $kind list | grep -o '{"id":' | wc -l; done
}

# The kinds of the links that the tracer holds, as the kernel names them.
tracer_link_types() { cat /proc/"$tracer"/fdinfo/* | sed -nE 's/^link_type:\s*//p' | sort -u; }

# links_are MULTI: the tracer holds uprobe_multi links if MULTI is true, else none but has others.
links_are() {
    tracer_link_types
    if tracer_link_types | grep -q uprobe_multi; then [ "$1" = true ]; else [ "$1" = false ]; fi
}
