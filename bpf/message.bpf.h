/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A message's begin and end; at its end the statement that is pending is accounted, with its commit. */
#ifndef PGSCOPE_MESSAGE_BPF_H
#define PGSCOPE_MESSAGE_BPF_H

static __always_inline void message_open(struct backend *backend, u64 begin)
{
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
	message_open(backend, begin && begin < now ? begin : now);
}

/* Accounts the pending statement up to backend->mark. */
static __noinline int finish_pending(struct backend *backend, struct target *target, u64 end, bool superseded)
{
	u64 duration;

	if (!backend || !target)
		return -1;
	duration = grown(end, backend->pending.begin_ns);
	delta_of(target, &backend->last, &backend->mark, &backend->delta);
	add_statement(backend, duration);
	record_statement(backend, target, duration, superseded);
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

/* The open message is over; `entry` is what the backend shows now. */
static __noinline int message_ended(struct backend *backend, struct target *target, const struct entry_times *entry,
				    u64 now)
{
	if (!backend || !target || !entry)
		return -1;
	watch_message_end(backend, entry->state == target->state_aborted);
	take_snapshot(backend, target, &backend->mark, now);
	if (backend->pending.state) {
		finish_pending(backend, target, message_end(backend, entry->state_start, now), false);
	} else {
		delta_of(target, &backend->last, &backend->mark, &backend->delta);
		add_delta(backend, FINGERPRINT_OUTSIDE);
		backend->last = backend->mark;
	}
	backend->open = 0;
	backend->resumed_ns = now;
	backend->ended_ns = 0;
	backend->received_before = backend->received_bytes;
	backend->answered = backend->socket != 0;
	backend->statements = 0;
	backend->failed = 0;
	backend->hidden = entry->state == target->state_disabled || entry->state == STATE_UNKNOWN;
	backend->portal_depth = 0;
	return 0;
}

#endif
