# shellcheck shell=bash
# A kernel that is too old: the tracer says so in a sentence, and nothing stays loaded.
# shellcheck source=test/kernels/guest/tracer.sh
. ./tracer.sh

bpf_objects >/tmp/bpf-before
./pgscope-tracer </dev/null >$events 2>/tmp/tracer.log 3>&-
status=$?
remark "exit code $status: $(head -c 500 /tmp/tracer.log)"
message_names_kernels() { grep -F "$(uname -r | cut -d. -f1,2)" /tmp/tracer.log | grep -F 6.1; }
is_not_ready() { ! grep -q ready "$events"; }

check "the tracer ends by itself with an exit code" [ $status -gt 0 -a $status -lt 126 ]
check "its message names this kernel and the oldest supported one" message_names_kernels
check "its message is one line" [ "$(wc -l </tmp/tracer.log)" = 1 ]
check "it does not say that it is ready" is_not_ready
check "nothing is left" diff /tmp/bpf-before <(bpf_objects)
