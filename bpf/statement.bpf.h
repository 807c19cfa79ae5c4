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

/* Fills the pending statement from its text. */
static __noinline int pending_text(struct backend *backend, struct target *target, u64 address, u32 dest)
{
	struct pending *pending = &backend->pending;
	struct text_facts facts = {};
	struct scratch *scratch;

	if (!backend || !target)
		return -1;
	pending->text_address = address;
	pending->fingerprint = 1;
	pending->text_hash = 0;
	pending->context_source = CONTEXT_NONE;
	pending->context_stale = 0;
	pending->context_sampled = 0;
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
	if (facts.context && (target->flags & SETTING_SQLCOMMENT))
		text_context(scratch, &facts, pending, dest);
	scratch_release(scratch);
	if (!pending->context_source && (target->flags & SETTING_APPLICATION_NAME) && pending->tag != target->tag_set)
		application_context(backend, pending);
	if (pending->context_source)
		pending->context_sampled = context_sampled(pending->context);
	return 0;
}

/* Makes room for the next pending statement of the open message. */
static __always_inline void pending_begin(struct backend *backend, struct target *target, u64 now)
{
	struct pending *pending = &backend->pending;

	message_ensure_open(backend, target, now);
	if (pending->state)
		finish_pending(backend, target, pending->end_ns, true);
	take_snapshot(backend, target, &backend->mark, now);
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

static __always_inline void read_completion(struct pending *pending, const struct target *target, u64 address)
{
	struct completion completion = {};

	bpf_probe_read_user(&completion, sizeof(completion), (void *)address);
	pending->tag = completion.tag;
	for (int i = 0; i < ROW_TAGS; i++)
		if (completion.tag == target->row_tags[i])
			pending->rows = completion.rows;
}

/* Execute and Sync without a Bind: 'E', length, a short portal name, row limit; 'S', length. With one, 28 at least. */
#define SMALLEST_BIND_EXECUTE_SYNC 28

/*
 * Is this Execute of a portal that was suspended before, and not of a new one for the same text? A portal lives in its
 * transaction, and to go on with it takes no Bind, so that few bytes have come since the message before.
 */
static __always_inline bool portal_goes_on(struct backend *backend, const struct target *target)
{
	struct entry_times entry;

	if (!backend->suspended || backend->suspended != backend->pending.text_hash)
		return false;
	read_entry(backend, target, &entry);
	if (read_u64(backend->entry + target->entry_xact_start) != backend->suspended_xact)
		return false;
	return !sees_sockets || entry.encrypted ||
	       backend->received_bytes - backend->received_before < SMALLEST_BIND_EXECUTE_SYNC ||
	       backend->suspended_message == backend->begin_ns;
}

/* EndCommand: a statement has run. `completion` is a user address. */
static __noinline int statement_completed(struct backend *backend, struct target *target, u64 completion, u32 dest)
{
	u64 now = bpf_ktime_get_ns();
	struct target_counts *counts;
	struct pending *pending;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	know_backend(backend, target);
	pending_begin(backend, target, now);
	read_completion(pending, target, completion);
	pending->call = 1;
	pending->state = PENDING_COMPLETED;
	pending_text(backend, target, read_u64(target->debug_query_string), dest);
	if (dest == DEST_REMOTE)
		backend->statements++;
	if (dest != DEST_REMOTE && portal_goes_on(backend, target)) {
		pending->call = 0; /* counted when its first part was */
		backend->suspended = 0;
	}
	if (may_be_recorded(pending, target))
		pending->query_id = read_query_id(backend, target);
	if (!backend->identified)
		publish_identity(backend, target);
	counts = counts_of(backend);
	if (counts)
		counts->end_command++;
	return 0;
}

/* An Execute message has got the rows that it asked for, and the portal stays: a call that may go on. */
static __noinline int portal_part_completed(struct backend *backend, struct target *target, u64 completion)
{
	u64 now = bpf_ktime_get_ns();
	struct pending *pending;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	know_backend(backend, target);
	pending_begin(backend, target, now);
	read_completion(pending, target, completion);
	pending->state = PENDING_COMPLETED;
	pending_text(backend, target, read_u64(target->debug_query_string), DEST_REMOTE + 1);
	pending->call = !portal_goes_on(backend, target);
	backend->suspended = pending->text_hash;
	backend->suspended_xact = read_u64(backend->entry + target->entry_xact_start);
	backend->suspended_message = backend->begin_ns;
	if (!backend->identified)
		publish_identity(backend, target);
	return 0;
}

/* The text of a statement that fails: debug_query_string, else what MyBEEntry shows while it is
 * active. */
static __always_inline u64 failing_text(const struct backend *backend, const struct target *target, s32 state)
{
	u64 address = read_u64(target->debug_query_string);

	if (!address && backend->entry && state_is_active(target, state))
		address = read_u64(backend->entry + target->entry_activity);
	return address;
}

/* A statement has failed with `sqlstate`, or a signal ends its backend. */
static __noinline int statement_failed(struct backend *backend, struct target *target, u32 sqlstate, u32 signal)
{
	u64 now = bpf_ktime_get_ns();
	struct target_counts *counts;
	struct pending *pending;
	u64 address;
	s32 state;

	if (!backend || !target)
		return -1;
	pending = &backend->pending;
	state = backend_state(backend, target);
	address = failing_text(backend, target, state);
	if (pending->state == PENDING_FAILED)
		return 0;
	if (pending->state == PENDING_COMPLETED && !read_u64(target->debug_query_string)) {
		/* it has run, and its commit fails: a deferred constraint, at Sync */
		pending->call = 0;
		pending->rows = 0;
	} else {
		if (!address)
			return 0; /* an idle session ends */
		pending_begin(backend, target, now);
		pending_text(backend, target, address, 0);
	}
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
