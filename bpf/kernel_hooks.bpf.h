/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The programs behind the kernel's tracepoints. */
#ifndef PGSCOPE_KERNEL_HOOKS_BPF_H
#define PGSCOPE_KERNEL_HOOKS_BPF_H

/* Between messages: nothing is pending, and nothing has come from the client since the last one ended. */
static __always_inline bool is_idle(const struct backend *backend)
{
	return sees_sockets && !backend->open && !backend->pending.state && backend->answered &&
	       backend->received_bytes == backend->received_before;
}

static __always_inline void count_disabled(const struct backend *backend)
{
	struct target_counts *counts = counts_of(backend);

	if (counts)
		counts->state_disabled++;
}

/* A client's backend, level statements: its message begins, goes on or ends. What leaving the CPU means. */
static __always_inline u32 client_switched_out(struct backend *backend, struct target *target, u32 event, u64 now)
{
	struct entry_times entry;

	if (!backend->wait_event)
		return backend->open ? OFF_WAIT : OFF_IDLE;
	if (event == WAIT_EVENT_CLIENT_READ) {
		read_entry(backend, target, &entry);
		if (!state_is_active(target, entry.state)) {
			if (entry.state == target->state_disabled && backend->pending.state)
				count_disabled(backend);
			if (backend->open || backend->pending.state)
				message_ended(backend, target, &entry, now);
			return OFF_IDLE;
		}
	}
	if (!backend->open && backend->resumed_ns)
		message_open(backend, backend->resumed_ns, now);
	return OFF_WAIT;
}

static __noinline int switched_out(struct backend *backend, bool runnable, u64 now)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct target *target;
	u32 event = 0, kind = OFF_IDLE;
	bool observed;

	if (!backend)
		return -1;
	settle_wait(backend);
	target = target_of(backend);
	if (target && !is_idle(backend) && !backend->postmaster && !(task->flags & PF_EXITING)) {
		know_backend(backend, target);
		event = backend->wait_event ? read_u32(backend->wait_event) : 0;
		observed = is_autovacuum(backend, target) ||
			   (target->level == LEVEL_WAITS && (backend->kind != KIND_OTHER || backend->parallel));
		if (observed)
			kind = observed_switched_out(backend, target, now);
		else if (backend->kind == KIND_OTHER)
			kind = background_switched_out(backend, target, event, now);
		else
			kind = client_switched_out(backend, target, event, now);
		backend->observed &= observed;
	}
	if (backend->on_cpu_ns)
		backend->cpu_ns += grown(now, backend->on_cpu_ns);
	backend->on_cpu_ns = 0;
	wait_begins(backend, task, event, runnable ? OFF_RUNNABLE : kind, now);
	return 0;
}

/*
 * The distance of the scheduler's clock from ours, by any process of the host: who leaves a CPU came onto it at the
 * switch before, and the kernel has noted when. Two that agree are believed, as a switch in between may not have been
 * traced.
 */
static __always_inline void learn_clock(struct task_struct *prev, struct task_struct *next)
{
	u32 zero = 0;
	struct last_switch *last = bpf_map_lookup_elem(&last_switches, &zero);
	u64 offset;

	if (!last)
		return;
	if (last->at_ns && last->pid == (u32)prev->pid && prev->pid) {
		offset = last->at_ns - prev->sched_info.last_arrival;
		if (grown(offset, last->offset_ns) <= CLOCK_JITTER_NS &&
		    grown(last->offset_ns, offset) <= CLOCK_JITTER_NS) {
			scheduler_clock_offset_ns = offset;
			scheduler_clock_stale = 0;
		}
		last->offset_ns = offset;
	}
	last->at_ns = bpf_ktime_get_ns();
	last->pid = next->pid;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state)
{
	struct backend *backend = bpf_task_storage_get(&backends, prev, NULL, 0);

	if (scheduler_clock_stale)
		learn_clock(prev, next);
	if (backend)
		switched_out(backend, preempt || !prev_state, bpf_ktime_get_ns());
	backend = bpf_task_storage_get(&backends, next, NULL, 0);
	if (backend)
		switched_in(backend, next, bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct backend *postmaster = bpf_task_storage_get(&backends, parent, NULL, 0);
	struct backend *backend;

	if (!postmaster || !postmaster->postmaster)
		return 0;
	backend = bpf_task_storage_get(&backends, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!backend) {
		count_loss(LOSS_BACKENDS_UNTAGGED);
		return 0;
	}
	backend->target = postmaster->target;
	backend->generation = postmaster->generation;
	return 0;
}

/* A child that becomes another program (archive_command, COPY … PROGRAM) is no backend. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task)
{
	bpf_task_storage_delete(&backends, task);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct backend *backend = current_backend();
	struct target *target;

	if (!backend)
		return 0;
	target = target_of(backend);
	if (!target)
		return 0;
	settle_wait(backend);
	if (!backend->worker_fingerprint && backend->pending.state) {
		waits_to_pending(backend);
		finish_pending(backend, target, backend->pending.end_ns, true);
	}
	tell_rest(backend, target);
	return 0;
}

#define SIGNALS_THAT_END                                                                                               \
	((1ULL << 3) | (1ULL << 4) | (1ULL << 6) | (1ULL << 7) | (1ULL << 8) | (1ULL << 9) | (1ULL << 11))

/* A backend that is killed in the middle of a statement says nothing more: SIGQUIT, ILL, ABRT, BUS,
 * FPE, KILL, SEGV. */
SEC("tp_btf/signal_deliver")
int BPF_PROG(signal_deliver, int signal)
{
	struct backend *backend;
	struct entry_times entry;
	struct target *target;

	if (signal < 0 || signal > 31 || !(SIGNALS_THAT_END & (1ULL << (signal & 31))))
		return 0;
	backend = current_backend();
	if (!backend || backend->kind != KIND_CLIENT)
		return 0;
	target = target_of(backend);
	if (!target || target->level == LEVEL_WAITS)
		return 0;
	read_entry(backend, target, &entry);
	if (!state_is_active(target, entry.state))
		return 0;
	entry.state_start = 0; /* that of its begin */
	statement_failed(backend, target, 0, signal, true);
	message_ended(backend, target, &entry, bpf_ktime_get_ns());
	return 0;
}

#endif
