/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Where the time goes that a process does not run: to the run queue, if it could have run, else to what PostgreSQL (or
 * the kernel) says that it waits for. Each stretch off the CPU is noted when it begins and accounted when the process
 * runs again, at the next boundary or switch: only then does the kernel know how much of it was run-queue time. CPU,
 * run queue and waits are measured by the same clock readings, so that they add up to the time between any two
 * boundaries.
 */
#ifndef PGSCOPE_WAITS_BPF_H
#define PGSCOPE_WAITS_BPF_H

#define SAME_WAIT_NS	1000000ULL /* two waits for one thing with less in between are one */
#define CLOCK_JITTER_NS 100000ULL  /* between the kernel's note of a switch and its tracepoint */

static __always_inline bool is_in_iowait(struct task_struct *task)
{
	return BPF_CORE_READ_BITFIELD(task, in_iowait);
}

/* The process leaves the CPU. `event`: my_wait_event_info, 0 if there is none. */
static __always_inline void wait_begins(struct backend *backend, struct task_struct *task, u32 event, u32 kind, u64 now)
{
	backend->off_cpu_ns = now;
	backend->off_run_delay = task->sched_info.run_delay;
	backend->off_major_faults = task->maj_flt;
	backend->off_runtime_ns = task->se.sum_exec_runtime;
	backend->off_kind = kind;
	if (!event)
		event = is_in_iowait(task) ? WAIT_STORAGE : WAIT_UNNAMED;
	else if (event >> 24 == WAIT_CLASS_LOCK)
		event |= (backend->lock_mode & LOCK_MODES) << LOCK_MODE_SHIFT;
	backend->off_event = event;
}

/* Adds to the event's slot; the last one takes those that have none. */
static __always_inline void add_to_slots(struct waits *waits, u32 event, u32 count, u64 ns)
{
	struct wait_slot *slot;
	u32 i;

	for (i = 0; i < WAIT_SLOTS - 1; i++)
		if (!waits->slots[i].count || waits->slots[i].event == event)
			break;
	if (i >= WAIT_SLOTS - 1) {
		i = WAIT_SLOTS - 1;
		event = WAIT_FURTHER;
		count_loss(LOSS_WAITS_FURTHER);
	}
	slot = &waits->slots[i];
	slot->event = event;
	slot->count += count;
	slot->ns += ns;
}

static __always_inline void add_long_wait(struct waits *waits, const struct long_wait *wait)
{
	u32 index = waits->long_count;
	struct long_wait *last;

	/* PostgreSQL looks for deadlocks, after a second, in the middle of waiting for a lock */
	if (index && index <= LONG_WAITS) {
		last = &waits->long_waits[index - 1];
		if (last->event == wait->event && wait->begin_ns < last->begin_ns + last->ns + SAME_WAIT_NS) {
			last->ns = wait->begin_ns + wait->ns - last->begin_ns;
			return;
		}
	}
	if (index >= LONG_WAITS) {
		waits->long_untold++;
		return;
	}
	waits->long_waits[index] = *wait;
	waits->long_count = index + 1;
}

/*
 * The process comes onto the CPU. Kernels do not call the tracepoint at each switch. Where the process was not seen to
 * leave the CPU, the kernel's count of CPU time tells when it did, but not why.
 */
static __always_inline void switched_in(struct backend *backend, struct task_struct *task, u64 now)
{
	u64 runtime = task->se.sum_exec_runtime;

	if (backend->on_cpu_ns) {
		u64 ran = grown(runtime, backend->on_runtime_ns), longest = grown(now, backend->on_cpu_ns);

		count_loss(LOSS_SWITCHES_UNSEEN);
		if (ran > longest)
			ran = longest;
		backend->cpu_ns += ran;
		backend->off_cpu_ns = backend->on_cpu_ns + ran;
		backend->off_major_faults = task->maj_flt;
		backend->off_kind = OFF_WAIT;
		backend->off_event = WAIT_UNNAMED;
	}
	backend->on_cpu_ns = now;
	backend->on_runtime_ns = runtime;
	if (!backend->open)
		backend->resumed_ns = now;
}

/*
 * The process runs, and it was not seen that it came: the kernel has noted when, by a clock of its own, whose distance
 * from ours is known. Before it is, the kernel's count of CPU time tells it less exactly, as it is only brought up to
 * date now and then.
 */
static __noinline int switched_in_unseen(struct backend *backend)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 now = bpf_ktime_get_ns(), offset = scheduler_clock_offset_ns, arrived, ran;

	if (!backend)
		return -1;
	arrived = task->sched_info.last_arrival + offset;
	if (!offset || arrived + CLOCK_JITTER_NS < backend->off_cpu_ns || arrived > now + CLOCK_JITTER_NS) {
		ran = grown(task->se.sum_exec_runtime, backend->off_runtime_ns);
		arrived = ran < grown(now, backend->off_cpu_ns) ? now - ran : backend->off_cpu_ns;
		count_loss(LOSS_SWITCHES_UNSEEN);
	}
	if (arrived < backend->off_cpu_ns)
		arrived = backend->off_cpu_ns;
	if (arrived > now)
		arrived = now;
	backend->on_cpu_ns = arrived;
	if (!backend->open)
		backend->resumed_ns = arrived;
	return 0;
}

/* Accounts the last stretch off the CPU, now that the process runs again. */
static __noinline int settle_wait(struct backend *backend)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 off, queued, waited;
	struct target *target;

	if (!backend || !backend->off_cpu_ns)
		return 0;
	if (!backend->on_cpu_ns)
		switched_in_unseen(backend);
	off = grown(backend->on_cpu_ns, backend->off_cpu_ns);
	queued = grown(task->sched_info.run_delay, backend->off_run_delay);
	if (backend->off_kind == OFF_RUNNABLE || queued > off)
		queued = off;
	waited = off - queued;
	if (backend->off_kind == OFF_IDLE)
		backend->outside_queued_ns += queued; /* a request wakes it */
	else
		backend->queued_ns += queued;
	if (backend->off_kind == OFF_WAIT && waited) {
		u32 event = backend->off_event;

		if (event == WAIT_STORAGE && task->maj_flt > backend->off_major_faults)
			event = WAIT_PAGE_FAULT;
		add_to_slots(&backend->waits, event, 1, waited);
		target = target_of(backend);
		if (target && waited >= target->min_wait_ns) {
			struct long_wait wait = {.begin_ns = backend->off_cpu_ns, .ns = waited, .event = event};

			add_long_wait(&backend->waits, &wait);
		}
	}
	backend->off_cpu_ns = 0;
	backend->off_run_delay = task->sched_info.run_delay;
	return 0;
}

static __always_inline struct wait_value *wait_value_of(const struct wait_key *key)
{
	struct wait_value *value = bpf_map_lookup_elem(&waits, key);
	struct wait_value empty = {};
	u32 overflow;

	if (value)
		return value;
	bpf_map_update_elem(&waits, key, &empty, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&waits, key);
	if (value)
		return value;
	count_loss(LOSS_WAITS_OVERFLOW);
	overflow = key->target * WAIT_CLASSES + ((key->event >> 24) & (WAIT_CLASSES - 1));
	return bpf_map_lookup_elem(&overflow_waits, &overflow);
}

struct slot_loop {
	struct backend *backend;
	struct waits *waits;
	u64 fingerprint;
};

static long tell_slot(u32 index, struct slot_loop *loop)
{
	struct wait_key key = {.target = loop->backend->target,
			       .database_oid = loop->backend->database_oid,
			       .user_oid = loop->backend->user_oid,
			       .fingerprint = loop->fingerprint};
	struct wait_value *value;
	struct wait_slot *slot;

	if (index >= WAIT_SLOTS)
		return 1;
	slot = &loop->waits->slots[index];
	if (!slot->count)
		return 1;
	key.event = slot->event;
	value = wait_value_of(&key);
	if (value) {
		__sync_fetch_and_add(&value->count, slot->count);
		__sync_fetch_and_add(&value->ns, slot->ns);
	}
	slot->count = 0;
	slot->ns = 0;
	return 0;
}

/* Adds the waits to those of a query, and empties them. */
static __noinline int tell_waits(struct backend *backend, struct waits *waits, u64 fingerprint)
{
	struct slot_loop loop = {.backend = backend, .waits = waits, .fingerprint = fingerprint};

	if (!backend || !waits)
		return -1;
	waits->long_count = 0;
	waits->long_untold = 0;
	if (waits->slots[0].count)
		bpf_loop(WAIT_SLOTS, tell_slot, &loop, 0);
	return 0;
}

static long move_slot(u32 index, struct slot_loop *loop)
{
	struct wait_slot *slot;

	if (index >= WAIT_SLOTS)
		return 1;
	slot = &loop->backend->waits.slots[index];
	if (!slot->count)
		return 1;
	add_to_slots(&loop->backend->pending_waits, slot->event, slot->count, slot->ns);
	slot->count = 0;
	slot->ns = 0;
	return 0;
}

static long move_long(u32 index, struct slot_loop *loop)
{
	if (index >= LONG_WAITS || index >= loop->backend->waits.long_count)
		return 1;
	add_long_wait(&loop->backend->pending_waits, &loop->backend->waits.long_waits[index]);
	return 0;
}

/* What has been waited for since the last boundary belongs to the pending statement. */
static __noinline int waits_to_pending(struct backend *backend)
{
	struct slot_loop loop = {.backend = backend};

	if (!backend)
		return -1;
	if (!backend->waits.slots[0].count)
		return 0;
	bpf_loop(WAIT_SLOTS, move_slot, &loop, 0);
	bpf_loop(LONG_WAITS, move_long, &loop, 0);
	backend->pending_waits.long_untold += backend->waits.long_untold;
	backend->waits.long_count = 0;
	backend->waits.long_untold = 0;
	return 0;
}

#endif
