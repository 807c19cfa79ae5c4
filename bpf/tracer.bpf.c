// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The capture engine's programs. Few hooks; everything else is read at boundaries (see
 * docs/engine.md): a statement is counted at EndCommand, failed ones at EmitErrorReport, and its
 * message ends where the backend answers the client or waits for it in a state that is not active.
 */
#define __VMLINUX_H__ /* bpf_tracing.h: the kernel's own names of registers */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "target_layout.h"
#include "backend.h"
#include "ring_events.h"
#include "lexer.h"
#include "maps.bpf.h"
#include "counters.bpf.h"
#include "session.bpf.h"
#include "text.bpf.h"
#include "aggregate.bpf.h"
#include "waits.bpf.h"
#include "record.bpf.h"
#include "portal.bpf.h"
#include "context.bpf.h"
#include "watch.bpf.h"
#include "phases.bpf.h"
#include "nested.bpf.h"
#include "message.bpf.h"
#include "statement.bpf.h"
#include "failure.bpf.h"
#include "postgres_hooks.bpf.h"
#include "phase_hooks.bpf.h"
#include "processes.bpf.h"
#include "kernel_hooks.bpf.h"
#include "socket_hooks.bpf.h"
#include "io_hooks.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
