/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A message's begin and end; at its end the statement that is pending is accounted, with its commit. */
#ifndef PGSCOPE_MESSAGE_BPF_H
#define PGSCOPE_MESSAGE_BPF_H

/* Time between messages is told when this much has come together, or the process ends. */
#define OUTSIDE_TOLD_NS		 (20 * 1000000ULL)
#define CONNECTION_SEEN_EVERY_NS 1000000000ULL

/*
 * A message begins at `begin`, up to now without leaving the CPU. The CPU time before is nobody's statement's, nor is
 * the time for which its request has waited for a CPU.
 */
static __always_inline void message_open(struct backend *backend, u64 begin, u64 now)
{
	u64 cpu;

	settle_wait(backend);
	cpu = grown(cpu_time(backend, now), grown(now, begin));
	backend->outside_cpu_ns += grown(cpu, backend->last.kernel[COUNTER_CPU_NS]);
	backend->outside_queued_ns += grown(backend->queued_ns, backend->last.kernel[COUNTER_RUN_QUEUE_NS]);
	backend->last.kernel[COUNTER_CPU_NS] = cpu;
	backend->last.kernel[COUNTER_RUN_QUEUE_NS] = backend->queued_ns;
	backend->open = 1;
	backend->begin_ns = begin;
	backend->boundary_ns = begin;
}

/* Opens the message of a statement that ran without leaving the CPU, or was running when the tracer
 * came. */
static __always_inline void message_ensure_open(struct backend *backend, const struct target *target, u64 now)
{
	u64 begin = backend->resumed_ns;

	if (backend->open)
		return;
	if (!begin && backend->entry) {
		u64 start = read_u64(backend->entry + target->entry_activity_start);

		begin = start ? monotonic_of(start) : now;
	}
	message_open(backend, begin && begin < now ? begin : now, now);
}

/* Accounts the pending statement up to backend->mark. */
static __noinline int finish_pending(struct backend *backend, struct target *target, u64 end, bool superseded)
{
	u64 duration;

	if (!backend || !target)
		return -1;
	duration = grown(end, backend->pending.begin_ns);
	delta_of(target, &backend->last, &backend->mark, &backend->delta);
	phases_finish(backend, end);
	add_statement(backend, duration);
	record_statement(backend, target, duration, superseded);
	tell_waits(backend, &backend->pending_waits, backend->pending.fingerprint);
	backend->last = backend->mark;
	backend->pending.state = PENDING_NONE;
	return 0;
}

/* Where a message that is over ended: PostgreSQL notes the time when it becomes idle, just before
 * it answers. */
static __always_inline u64 message_end(const struct backend *backend, u64 state_start, u64 now)
{
	u64 earliest = backend->pending.state ? backend->pending.end_ns : backend->begin_ns;
	u64 end = backend->ended_ns;

	if (!end && state_start)
		end = monotonic_of(state_start);
	else if (!end)
		end = now;
	if (end > now)
		return now;
	return end < earliest ? earliest : end;
}

/* The one whose work it is, as long as it is not a statement's. */
static __always_inline u64 background_fingerprint(const struct backend *backend)
{
	return FINGERPRINT_BACKGROUND + (backend->type < BACKEND_TYPES ? backend->type : 0);
}

/*
 * CPU and run-queue time between messages: work for the client, but no statement's. A background process has some from
 * before it was known for one.
 */
static __noinline int tell_outside(struct backend *backend, struct target *target)
{
	if (!backend || !target)
		return -1;
	__builtin_memset(&backend->delta, 0, sizeof(backend->delta));
	backend->delta.value[COUNTER_CPU_NS] = backend->outside_cpu_ns;
	backend->delta.value[COUNTER_RUN_QUEUE_NS] = backend->outside_queued_ns;
	backend->outside_cpu_ns = 0;
	backend->outside_queued_ns = 0;
	return add_delta(backend,
			 is_background(backend, target) ? background_fingerprint(backend) : FINGERPRINT_OUTSIDE);
}

/* What has passed since `end` is not the statement's, on the CPU and in one stretch off it, since `off` if not 0. */
static __always_inline void cut_off(struct backend *backend, u64 end, u64 now, u64 off, u64 queued)
{
	unsigned long long *kernel = backend->mark.kernel;
	u64 behind = grown(now, end < backend->on_cpu_ns ? backend->on_cpu_ns : end);

	if (!backend->on_cpu_ns)
		return;
	if (off > end && end < backend->on_cpu_ns) {
		behind += off - end;
		kernel[COUNTER_RUN_QUEUE_NS] = queued;
	}
	kernel[COUNTER_CPU_NS] = grown(kernel[COUNTER_CPU_NS], behind);
}

/* How far away the client is; it does not change much in a second. */
static __noinline int look_at_connection(struct backend *backend, u64 now)
{
	struct target_counts *counts;
	u32 round_trip;

	if (!backend)
		return -1;
	backend->connection_seen_ns = now;
	round_trip = round_trip_us(backend);
	counts = counts_of(backend);
	if (!counts || !round_trip)
		return 0;
	counts->round_trips++;
	counts->round_trip_us += round_trip;
	return 0;
}

/* The open message is over; `entry` is what the backend shows now. */
static __noinline int message_ended(struct backend *backend, struct target *target, const struct entry_times *entry,
				    u64 now)
{
	u64 end, off, queued;

	if (!backend || !target || !entry)
		return -1;
	watch_message_end(backend, entry->state == target->state_aborted);
	off = backend->off_cpu_ns;
	queued = backend->queued_ns;
	settle_wait(backend);
	take_snapshot(backend, target, &backend->mark, now);
	if (backend->pending.state) {
		end = message_end(backend, entry->state_start, now);
		cut_off(backend, end, now, off, queued);
		waits_to_pending(backend);
		finish_pending(backend, target, end, false);
	} else {
		delta_of(target, &backend->last, &backend->mark, &backend->delta);
		add_delta(backend, FINGERPRINT_OUTSIDE);
		tell_waits(backend, &backend->waits, FINGERPRINT_OUTSIDE);
		backend->last = backend->mark;
	}
	if (backend->outside_cpu_ns + backend->outside_queued_ns > OUTSIDE_TOLD_NS)
		tell_outside(backend, target);
	if (now - backend->connection_seen_ns >= CONNECTION_SEEN_EVERY_NS)
		look_at_connection(backend, now);
	backend->open = 0;
	backend->resumed_ns = now;
	backend->ended_ns = 0;
	backend->received_before = backend->received_bytes;
	backend->answered = backend->socket != 0;
	backend->statements = 0;
	backend->failed = 0;
	backend->hidden = entry->state == target->state_disabled || entry->state == STATE_UNKNOWN;
	nested_close(backend);
	if (backend->phases.current != PHASE_NONE) /* bound, and not run */
		phases_forget(backend);
	backend->portal_stack = 0; /* of a call that an error has left */
	return 0;
}

#endif
