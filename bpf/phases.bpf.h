/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The phases of a statement, level phases: each hook ends one and begins another, so that together they are the time
 * from the statement's begin to its end. What runs inside of a phase, deeper in the stack, changes nothing.
 */
#ifndef PGSCOPE_PHASES_BPF_H
#define PGSCOPE_PHASES_BPF_H

/*
 * Bytes of stack between PortalStart and the functions that run beside it for the same statement: called from where it
 * is called from, or from a function between. What a portal runs is called from at least five functions deeper.
 */
#define SAME_STACK_BYTES 256
/*
 * The same where PortalStart was called for another message: the planner was seen 1,232 bytes below it, what a portal's
 * functions call, 2,976 and more.
 */
#define PART_STACK_BYTES 2048

static __always_inline void phase_ends(struct phases *phases, u64 at)
{
	u32 place = phases->current - 1; /* of none: beyond all */

	if (place >= PHASES)
		return;
	phases->times.ns[place] += grown(at, phases->since_ns);
	phases->current = PHASE_NONE;
}

static __always_inline void phase_begins(struct phases *phases, u32 phase, u64 at)
{
	phase_ends(phases, at);
	phases->current = phase;
	phases->since_ns = at;
	if (!phases->times.begin_ns[phase - 1])
		phases->times.begin_ns[phase - 1] = at;
}

/* At Sync the statement commits that has run, and nothing has come since that may run something else. */
static __always_inline bool is_in_commit_at_sync(const struct backend *backend, const struct target *target)
{
	return backend->pending_phases.current == PHASE_COMMIT && target->statement_start &&
	       read_u64(target->statement_start) == backend->pending_phases.message;
}

/*
 * What calls a hook with this stack pointer is called by a statement that is planned (a function with constant
 * arguments is run by the planner), runs or commits; or by a part of a portal that was begun by an earlier message.
 */
static __always_inline bool is_inside(const struct backend *backend, const struct target *target, u64 stack)
{
	if (backend->phases.current >= PHASE_PLAN)
		return stack + SAME_STACK_BYTES < backend->phases.stack;
	if (backend->phases.current == PHASE_NONE && backend->suspended &&
	    stack + PART_STACK_BYTES < backend->portal_begun)
		return true;
	return is_in_commit_at_sync(backend, target);
}

/*
 * Bind may follow Parse in one message's time: when its message began, PostgreSQL has noted. A statement that was
 * prepared before begins with Bind.
 */
static __always_inline void bind_may_begin(struct phases *phases, const struct target *target, u64 boundary, u64 now)
{
	u64 begin;

	if (phases->current == PHASE_NONE) {
		phase_begins(phases, PHASE_BIND, boundary);
		return;
	}
	if (phases->current > PHASE_ANALYZE || !target->statement_start)
		return;
	begin = monotonic_of(read_u64(target->statement_start));
	if (begin > phases->since_ns && begin <= now)
		phase_begins(phases, PHASE_BIND, begin);
}

/* The statement in work has run, or failed. What no hook has seen of one that has run was its execution. */
static __always_inline void phases_to_pending(struct backend *backend, bool completed, u64 boundary, u64 now)
{
	struct phases *phases = &backend->phases;

	if (phases->current == PHASE_NONE && completed)
		phase_begins(phases, PHASE_EXECUTE, boundary);
	phase_ends(phases, now);
	backend->phased = 1;
	backend->pending_phases = *phases;
	__builtin_memset(phases, 0, sizeof(*phases));
}

/* CommitTransactionCommand: of the statement in work, or, at Sync, of the one that has run. */
static __always_inline void commit_begins(struct backend *backend, const struct target *target, u64 stack, u64 now)
{
	struct phases *phases = &backend->phases;

	if (is_inside(backend, target, stack))
		return; /* COMMIT in a procedure */
	if (phases->current == PHASE_EXECUTE) {
		phase_begins(phases, PHASE_COMMIT, now);
	} else if (backend->pending.state == PENDING_COMPLETED) { /* what was parsed behind it has not run */
		phase_begins(&backend->pending_phases, PHASE_COMMIT, now);
		backend->pending_phases.message = read_u64(target->statement_start);
	}
}

/*
 * The pending statement ended at `end`: its phases become sums. PostgreSQL's own time of the end has whole µs, and may
 * be before the commit's begin.
 */
static __always_inline void phases_finish(struct backend *backend, u64 end)
{
	struct phases *phases = &backend->pending_phases;

	if (phases->current == PHASE_COMMIT && phases->since_ns > end)
		phases->times.begin_ns[PHASE_COMMIT - 1] = end;
	phase_ends(phases, end);
	for (int i = 0; i < PHASES; i++)
		backend->delta.value[SUM_PHASES + i] = phases->times.ns[i];
}

#endif
