/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Statements that fail: which one it is that an error report speaks of, and what its text is. */
#ifndef PGSCOPE_FAILURE_BPF_H
#define PGSCOPE_FAILURE_BPF_H

/*
 * Has the latest message that may run something (Query, Parse, Bind, Describe, Execute, a function call) shown what it
 * runs? PostgreSQL notes the time at which such a message begins, and the same time as the activity's start once it
 * knows the text. Sync, where a commit fails, notes none.
 */
static __always_inline bool message_has_text(const struct backend *backend, const struct target *target, s32 state)
{
	u64 shown = backend->entry ? read_u64(backend->entry + target->entry_activity_start) : 0;

	if (state == target->state_fastpath)
		return false; /* the text that is shown is an older one */
	if (!shown)
		shown = backend->completed_start; /* track_activities = off */
	return !target->statement_start || !shown || shown == read_u64(target->statement_start);
}

/* Begins a failed statement that no text is known of: a Bind of an unknown prepared statement, for example. */
static __always_inline void pending_without_text(struct backend *backend, struct target *target)
{
	struct pending *pending = &backend->pending;

	pending->text_address = 0;
	pending->text_hash = 0;
	pending->fingerprint = FINGERPRINT_NO_TEXT;
	pending->context_source = CONTEXT_NONE;
	pending->context_stale = 0;
	find_application_context(backend, target);
}

/* Classes 23 (a constraint) and 40 (the transaction was rolled back): what runs no statement does not run into these.
 */
static __always_inline bool is_of_commit(u32 sqlstate)
{
	u32 class = sqlstate & 0xfff; /* two characters, 6 bits each, from '0' on */

	return class == (2 | 3 << 6) || class == 4;
}

/*
 * Has the pending statement run, and its commit fails? In the extended protocol, at Sync, there is no text any more; a
 * Describe behind the last Execute is a later message without a text, and the SQLSTATE has to tell. In the simple one
 * the commit comes before EndCommand, and so is seen only where PortalRun, which comes before both, stands in for
 * EndCommand: then no portal runs, and the statement was its string's last one.
 */
static __always_inline bool commit_fails(const struct backend *backend, const struct target *target, u64 text,
					 s32 state, u32 sqlstate)
{
	const struct pending *pending = &backend->pending;

	if (pending->state != PENDING_COMPLETED)
		return false;
	if (!text)
		return message_has_text(backend, target, state) ||
		       (state != target->state_fastpath && is_of_commit(sqlstate));
	return backend->portal_end == PORTAL_END_COUNTED && !backend->portal_stack && text == pending->text_address &&
	       (pending->last || is_of_commit(sqlstate));
}

/* Makes what has failed the pending statement. False: nothing has, an idle session ends. */
static __always_inline bool pending_fails(struct backend *backend, struct target *target, u32 sqlstate, u32 final)
{
	u64 text = read_u64(target->debug_query_string), now = bpf_ktime_get_ns();
	struct pending *pending = &backend->pending;
	s32 state = backend_state(backend, target);

	if (commit_fails(backend, target, text, state, sqlstate)) {
		pending->call = 0;
		pending->rows = 0;
		return true;
	}
	if (!text && final && !state_is_active(target, state))
		return false;
	if (!text && state_is_active(target, state) && message_has_text(backend, target, state))
		text = read_u64(backend->entry + target->entry_activity);
	pending_begin(backend, target, false, now);
	if (text)
		pending_text(backend, target, text, 0);
	else
		pending_without_text(backend, target);
	return true;
}

/* A statement has failed with `sqlstate`, or a signal ends its backend. `final`: the session ends with it. */
static __noinline int statement_failed(struct backend *backend, struct target *target, u32 sqlstate, u32 signal,
				       u32 final)
{
	struct target_counts *counts;
	struct pending *pending;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	if (pending->state == PENDING_FAILED || !pending_fails(backend, target, sqlstate, final))
		return 0;
	pending->state = PENDING_FAILED;
	pending->sqlstate = sqlstate;
	pending->signal = signal;
	backend->failed = 1;
	if (!backend->identified)
		publish_identity(backend, target);
	counts = counts_of(backend);
	if (counts && !signal)
		counts->errors++;
	return 0;
}

#endif
