/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A statement's life: the first message that belongs to it → its execution ends (it becomes
 * pending) → the end of its message, where its commit is done. What happens between two ends
 * belongs to the later statement, what happens between the last one and the message's end to that
 * last one.
 */
#ifndef PGSCOPE_STATEMENT_BPF_H
#define PGSCOPE_STATEMENT_BPF_H

/*
 * Will the statement, as far as can be said when its execution ends, leave the kernel on its own? Then what PostgreSQL
 * shows of it is read at once, before the next one of its message takes its place.
 */
static __always_inline bool may_be_recorded(const struct pending *pending, const struct target *target)
{
	return pending->context_source || target->sample_threshold ||
	       ((target->flags & SETTING_SLOW) && pending->end_ns - pending->begin_ns >= target->min_duration_ns);
}

/* Where the text holds no context, the application's name may be one. */
static __always_inline void find_application_context(struct backend *backend, const struct target *target)
{
	struct pending *pending = &backend->pending;

	pending->context_sampled = 0;
	if (!pending->context_source && (target->flags & SETTING_APPLICATION_NAME) && pending->tag != target->tag_set)
		application_context(backend, pending);
	if (pending->context_source)
		pending->context_sampled = context_sampled(pending->context);
}

/* Fills the pending statement from its text. `dest`: DEST_REMOTE…; 0: not known, as it fails. */
static __noinline int pending_text(struct backend *backend, struct target *target, u64 address, u32 dest)
{
	struct pending *pending = &backend->pending;
	struct text_facts facts = {};
	struct scratch *scratch;

	if (!backend || !target)
		return -1;
	pending->text_address = address;
	pending->fingerprint = FINGERPRINT_UNKNOWN;
	pending->text_hash = 0;
	pending->context_source = CONTEXT_NONE;
	pending->context_stale = 0;
	pending->context_sampled = 0;
	pending->last = 0;
	scratch = scratch_claim();
	if (!scratch)
		return -1;
	pending->text_hash = address ? text_read(scratch, address) : 0;
	if (!pending->text_hash) {
		count_loss(LOSS_TEXT_UNREADABLE);
		scratch_release(scratch);
		return -1;
	}
	text_facts_of(scratch, backend->target, backend->generation, backend->statements, &facts);
	pending->fingerprint = facts.fingerprint;
	pending->last = facts.last;
	if (target->flags & SETTING_SQLCOMMENT)
		text_tail_context(scratch, &facts);
	if (facts.context && (target->flags & SETTING_SQLCOMMENT))
		text_context(scratch, &facts, backend, target, dest);
	scratch_release(scratch);
	find_application_context(backend, target);
	return 0;
}

/* Makes room for the next pending statement of the open message. `completed`: it has not failed. */
static __always_inline void pending_begin(struct backend *backend, struct target *target, bool completed, u64 now)
{
	struct pending *pending = &backend->pending;

	message_ensure_open(backend, target, now);
	if (pending->state)
		finish_pending(backend, target, pending->end_ns, true);
	settle_wait(backend);
	waits_to_pending(backend);
	take_snapshot(backend, target, &backend->mark, now);
	if (target->level == LEVEL_PHASES) {
		phases_to_pending(backend, completed, backend->boundary_ns, now);
		nested_to_pending(backend, completed, now);
	} else if (backend->phased) {
		phases_forget(backend);
	}
	pending->begin_ns = backend->boundary_ns;
	pending->end_ns = now;
	pending->rows = 0;
	pending->tag = 0;
	pending->sqlstate = 0;
	pending->signal = 0;
	pending->call = 0;
	pending->query_id = 0;
	backend->boundary_ns = now;
}

/* QueryCompletion: int32 commandTag, uint64 nprocessed @8. */
struct completion {
	u32 tag;
	u32 unused;
	u64 rows;
};

/* The tag; the rows, where the command has any; returns what PostgreSQL counted, whatever the command. */
static __always_inline u64 read_completion(struct pending *pending, const struct target *target, u64 address)
{
	struct completion completion = {};

	bpf_probe_read_user(&completion, sizeof(completion), (void *)address);
	pending->tag = completion.tag;
	for (int i = 0; i < ROW_TAGS; i++)
		if (completion.tag == target->row_tags[i])
			pending->rows = completion.rows;
	return completion.rows;
}

/* Might this execution go on with a portal that was suspended before? Portals end with their transaction. */
static __always_inline bool may_go_on(struct backend *backend, const struct target *target, u32 dest)
{
	if (!backend->suspended || dest != DEST_REMOTE_EXECUTE)
		return false;
	if (backend->entry && read_u64(backend->entry + target->entry_xact_start) != backend->suspended_xact)
		backend->suspended = 0;
	return backend->suspended;
}

/* Has the pending statement's portal given rows before those of this execution? Then the call counted with its first
 * ones. */
static __always_inline bool portal_goes_on(struct backend *backend, const struct target *target, u64 rows)
{
	struct portal portal;

	return find_portal(backend, target, &portal) && portal.position.rows > rows;
}

/* EndCommand: a statement has run. `completion` is a user address. */
static __noinline int statement_completed(struct backend *backend, struct target *target, u64 completion, u32 dest)
{
	u64 now = bpf_ktime_get_ns();
	struct target_counts *counts;
	struct pending *pending;
	u64 rows;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	know_backend(backend, target);
	pending_begin(backend, target, true, now);
	rows = read_completion(pending, target, completion);
	pending->call = 1;
	pending->state = PENDING_COMPLETED;
	pending_text(backend, target, read_u64(target->debug_query_string), dest);
	if (dest == DEST_REMOTE)
		backend->statements++;
	if (backend->hidden)
		backend->completed_start = read_u64(target->statement_start);
	if (may_go_on(backend, target, dest) && portal_goes_on(backend, target, rows))
		pending->call = 0;
	if (may_be_recorded(pending, target))
		pending->query_id = read_query_id(backend, target);
	if (!backend->identified)
		publish_identity(backend, target);
	counts = counts_of(backend);
	if (counts)
		counts->end_command++;
	return 0;
}

/*
 * An Execute message has got the rows that it asked for, and the portal stays: a call that may go on. The first part
 * counts it; where the portal cannot be read, the last one does.
 */
static __noinline int portal_part_completed(struct backend *backend, struct target *target, u64 completion)
{
	u64 now = bpf_ktime_get_ns();
	struct pending *pending;
	struct portal portal;
	u64 rows;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	know_backend(backend, target);
	pending_begin(backend, target, true, now);
	rows = read_completion(pending, target, completion);
	pending->state = PENDING_COMPLETED;
	pending_text(backend, target, read_u64(target->debug_query_string), DEST_REMOTE_EXECUTE);
	if (find_portal(backend, target, &portal) && portal.position.rows >= rows) {
		pending->call = portal.position.rows == rows;
		backend->suspended = 1;
		backend->suspended_xact = backend->entry ? read_u64(backend->entry + target->entry_xact_start) : 0;
	} else {
		count_loss(LOSS_PORTALS_UNREADABLE);
	}
	if (may_be_recorded(pending, target))
		pending->query_id = read_query_id(backend, target);
	if (!backend->identified)
		publish_identity(backend, target);
	return 0;
}

#endif
