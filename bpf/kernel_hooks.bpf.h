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

static __always_inline void switched_out(struct backend *backend, u64 now)
{
	struct target *target = target_of(backend);
	struct entry_times entry;

	if (backend->on_cpu_ns)
		backend->cpu_ns += grown(now, backend->on_cpu_ns);
	backend->on_cpu_ns = 0;
	if (!target || backend->kind == KIND_OTHER || is_idle(backend))
		return;
	know_backend(backend, target);
	if (!backend->wait_event)
		return;
	if (read_u32(backend->wait_event) == WAIT_EVENT_CLIENT_READ) {
		read_entry(backend, target, &entry);
		if (!state_is_active(target, entry.state)) {
			if (entry.state == target->state_disabled && backend->pending.state)
				count_disabled(backend);
			if (backend->open || backend->pending.state)
				message_ended(backend, target, &entry, now);
			return;
		}
	}
	if (!backend->open && backend->resumed_ns)
		message_open(backend, backend->resumed_ns);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct backend *backend = bpf_task_storage_get(&backends, prev, NULL, 0);

	if (backend)
		switched_out(backend, bpf_ktime_get_ns());
	backend = bpf_task_storage_get(&backends, next, NULL, 0);
	if (backend) {
		backend->on_cpu_ns = bpf_ktime_get_ns();
		if (!backend->open)
			backend->resumed_ns = backend->on_cpu_ns;
	}
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
	if (backend->worker_fingerprint) {
		read_kernel_counters(backend, &backend->mark, bpf_ktime_get_ns());
		__builtin_memset(&backend->delta, 0, sizeof(backend->delta));
		for (int i = 0; i < KERNEL_COUNTERS; i++)
			backend->delta.value[i] = grown(backend->mark.kernel[i], backend->last.kernel[i]);
		add_delta(backend, backend->worker_fingerprint);
	} else if (backend->pending.state) {
		finish_pending(backend, target, backend->pending.end_ns, true);
	}
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
	if (!target)
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
