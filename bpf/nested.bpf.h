/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Statements that functions and triggers run, level phases: from ExecutorStart to ExecutorEnd. Which one runs inside of
 * which, the stack tells: it grows downwards, and what an error has left never ends.
 */
#ifndef PGSCOPE_NESTED_BPF_H
#define PGSCOPE_NESTED_BPF_H

#define QUERY_DESC_TEXT 16 /* QueryDesc.sourceText, in 13 to 18 */

static __always_inline void nested_untold(struct nested *nested)
{
	nested->untold++;
	count_loss(LOSS_NESTED_UNTOLD);
}

/*
 * Of what a function runs nothing but the whole text is known: if that is several statements, not which of them. 0: it
 * is the text at `own`, if that is not 0.
 */
static __always_inline u64 nested_fingerprint(struct backend *backend, u64 text, u64 own)
{
	struct text_facts facts = {.fingerprint = FINGERPRINT_UNKNOWN};
	struct scratch *scratch = scratch_claim();
	u64 own_hash = 0, hash;

	if (!scratch)
		return FINGERPRINT_UNKNOWN;
	if (own)
		own_hash = text_read(scratch, own);
	hash = text_read(scratch, text);
	if (!hash)
		count_loss(LOSS_TEXT_UNREADABLE);
	else if (hash != own_hash)
		text_facts_of(scratch, backend->target, backend->generation, 0, &facts);
	scratch_release(scratch);
	if (hash && hash == own_hash)
		return 0;
	return facts.last ? facts.fingerprint : FINGERPRINT_UNKNOWN;
}

/* Those that enclose a call with this stack pointer: how many, and the innermost one's place. */
static __always_inline u32 nested_enclosing(struct backend *backend, u64 query_desc, u64 stack, u32 *parent)
{
	u64 innermost = ~0ULL;
	u32 depth = 0;

	*parent = NESTED_MAX;
	for (int i = 0; i < NESTED_OPEN; i++) {
		struct nested_frame *frame = &backend->nested_open[i];

		if (!frame->query_desc)
			continue;
		if (frame->query_desc == query_desc || frame->stack == stack) {
			frame->query_desc = 0; /* an error has ended it */
			continue;
		}
		if (frame->stack < stack)
			continue;
		depth++;
		if (frame->stack < innermost) {
			innermost = frame->stack;
			*parent = frame->place;
		}
	}
	return depth;
}

/* The place of a query below another one; NESTED_MAX: there is none any more. */
static __always_inline u32 nested_place(struct nested *nested, u64 fingerprint, u32 parent, u32 depth, u64 now)
{
	for (u32 i = 0; i < NESTED_MAX; i++) {
		struct nested_statement *statement = &nested->statements[i];

		if (!statement->calls) {
			statement->fingerprint = fingerprint;
			statement->begin_ns = now;
			statement->parent = parent;
			statement->depth = depth;
			nested->count = i + 1;
			return i;
		}
		if (statement->fingerprint == fingerprint && statement->parent == parent)
			return i;
	}
	return NESTED_MAX;
}

/* A command without a plan of its own may run one by a copy of its text: DECLARE CURSOR does. */
static __always_inline u64 text_to_compare(const struct backend *backend, u32 depth, bool pending)
{
	if (depth > 1 || pending || backend->phases.times.begin_ns[PHASE_PLAN - 1])
		return 0;
	return backend->phases.text;
}

/* `pending`: the pending statement, which commits, has run it by a trigger; else the statement in work. */
static __noinline int nested_begins(struct backend *backend, struct target *target, u64 query_desc, u64 stack,
				    bool pending)
{
	u64 now, fingerprint, text = read_u64(query_desc + QUERY_DESC_TEXT);
	struct nested_frame *frame;
	u32 depth, parent, place;
	struct nested *nested;
	int i;

	if (!backend || !target || !text)
		return 0;
	if (text == backend->phases.text && !pending)
		return 0; /* the statement itself */
	now = bpf_ktime_get_ns();
	nested = pending ? &backend->pending_nested : &backend->nested;
	depth = nested_enclosing(backend, query_desc, stack, &parent) + 1;
	if (depth > target->nested_depth)
		return 0;
	fingerprint = nested_fingerprint(backend, text, text_to_compare(backend, depth, pending));
	if (!fingerprint)
		return 0;
	for (i = 0; i < NESTED_OPEN; i++)
		if (!backend->nested_open[i].query_desc)
			break;
	place = i < NESTED_OPEN ? nested_place(nested, fingerprint, parent, depth, now) : NESTED_MAX;
	if (i >= NESTED_OPEN || place >= NESTED_MAX) {
		nested_untold(nested);
		return 0;
	}
	nested->statements[place].calls++;
	frame = &backend->nested_open[i];
	frame->query_desc = query_desc;
	frame->stack = stack;
	frame->begin_ns = now;
	frame->place = place;
	frame->pending = pending;
	return 0;
}

static __always_inline void nested_frame_ends(struct backend *backend, struct nested_frame *frame, u64 now)
{
	u32 place = frame->place;
	struct nested_statement *statement;

	frame->query_desc = 0;
	if (place >= NESTED_MAX)
		return;
	statement = frame->pending ? &backend->pending_nested.statements[place] : &backend->nested.statements[place];
	statement->ns += grown(now, frame->begin_ns);
	statement->end_ns = now;
}

static __noinline int nested_ends(struct backend *backend, u64 query_desc)
{
	u64 now = bpf_ktime_get_ns();

	if (!backend)
		return -1;
	for (int i = 0; i < NESTED_OPEN; i++)
		if (backend->nested_open[i].query_desc == query_desc) {
			nested_frame_ends(backend, &backend->nested_open[i], now);
			break;
		}
	return 0;
}

/* The statement in work has run, or failed, and with it all that it has not ended. */
static __noinline int nested_to_pending(struct backend *backend, bool completed, u64 now)
{
	if (!backend)
		return -1;
	if (!backend->nested.count && !backend->pending_nested.count)
		return 0;
	for (int i = 0; i < NESTED_OPEN; i++)
		if (backend->nested_open[i].query_desc) {
			if (!completed && !backend->nested_open[i].pending)
				nested_frame_ends(backend, &backend->nested_open[i], now);
			backend->nested_open[i].query_desc = 0;
		}
	backend->pending_nested = backend->nested;
	__builtin_memset(&backend->nested, 0, sizeof(backend->nested));
	return 0;
}

/* The pending statement is over: what its commit has left open never ends. */
static __always_inline void nested_close(struct backend *backend)
{
	if (backend->pending_nested.count)
		__builtin_memset(&backend->nested_open, 0, sizeof(backend->nested_open));
}

/* Nothing is known of phases, of the statement in work and of the pending one; at another level, nothing more. */
static __noinline int phases_forget(struct backend *backend)
{
	if (!backend)
		return -1;
	backend->phased = 0;
	__builtin_memset(&backend->phases, 0, sizeof(backend->phases));
	__builtin_memset(&backend->pending_phases, 0, sizeof(backend->pending_phases));
	barrier(); /* clang would make one call of them all, and has no memset to call */
	__builtin_memset(&backend->nested, 0, sizeof(backend->nested));
	__builtin_memset(&backend->nested_open, 0, sizeof(backend->nested_open));
	barrier();
	__builtin_memset(&backend->pending_nested, 0, sizeof(backend->pending_nested));
	return 0;
}

#endif
