/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Statements that leave the kernel one by one: failed, slow, traced from upstream, sampled; never
 * more than allowed. */
#ifndef PGSCOPE_RECORD_BPF_H
#define PGSCOPE_RECORD_BPF_H

#define SECOND_NS 1000000000ULL

static __always_inline u32 capture_reason(const struct pending *pending, const struct target *target, u64 duration_ns)
{
	if (pending->state == PENDING_FAILED && (target->flags & SETTING_ERRORS))
		return CAPTURE_FAILED;
	if ((target->flags & SETTING_SLOW) && duration_ns >= target->min_duration_ns &&
	    pending->state != PENDING_FAILED)
		return CAPTURE_SLOW;
	if (pending->context_source && pending->context_sampled)
		return CAPTURE_TRACED;
	if (target->sample_threshold && bpf_get_prandom_u32() <= target->sample_threshold - 1)
		return CAPTURE_SAMPLED;
	return CAPTURE_NONE;
}

/*
 * A token bucket of one second's tokens, as a time (GCRA): each record moves it by `token_ns`, and
 * how far it may run ahead depends on the reason, so that failed statements find tokens when
 * sampled ones no longer do.
 */
static __always_inline bool token_of(unsigned long long *next_ns, u64 token_ns, u64 ahead, u64 now)
{
	for (int i = 0; i < 4; i++) {
		u64 before = *next_ns;
		u64 next = (before > now ? before : now) + token_ns;

		if (next - now > ahead)
			return false;
		if (__sync_val_compare_and_swap(next_ns, before, next) == before)
			return true;
	}
	return false;
}

static __always_inline bool token_taken(struct target *target, u32 reason, u64 now)
{
	u64 ahead = SECOND_NS;

	if (reason == CAPTURE_SLOW)
		ahead = SECOND_NS / 8 * 7;
	else if (reason == CAPTURE_TRACED)
		ahead = SECOND_NS / 4 * 3;
	else if (reason == CAPTURE_SAMPLED)
		ahead = SECOND_NS / 2;
	if (ahead < target->token_ns)
		ahead = target->token_ns;
	return token_of(&target->next_token_ns, target->token_ns, ahead, now);
}

static __always_inline u64 read_query_id(const struct backend *backend, const struct target *target)
{
	return backend->entry && target->entry_query_id ? read_u64(backend->entry + target->entry_query_id) : 0;
}

static __always_inline void fill_session(struct statement_event *event, const struct backend *backend,
					 const struct target *target)
{
	u64 address = backend->entry + target->entry_client_address;

	event->pid = read_u32(target->proc_pid);
	event->database_oid = backend->database_oid;
	event->user_oid = backend->user_oid;
	event->round_trip_us = round_trip_us(backend);
	event->application[0] = 0;
	event->client_family = 0;
	if (!backend->entry)
		return;
	bpf_probe_read_user_str(event->application, NAME_BYTES, (void *)backend->application);
	/* struct sockaddr_in: port @2, address @4; sockaddr_in6: address @8 */
	bpf_probe_read_user(&event->client_family, 2, (void *)address);
	bpf_probe_read_user(&event->client_port, 2, (void *)(address + 2));
	bpf_probe_read_user(event->client_address, 16, (void *)(address + (event->client_family == 10 ? 8 : 4)));
}

static __always_inline void fill_statement(struct statement_event *event, const struct backend *backend, u32 reason,
					   u64 duration_ns)
{
	const struct pending *pending = &backend->pending;

	event->type = EVENT_STATEMENT;
	event->target = backend->target;
	event->fingerprint = pending->fingerprint;
	event->reason = reason;
	event->query_id = pending->query_id;
	event->begin_ns = pending->begin_ns;
	event->duration_ns = duration_ns;
	event->rows = pending->rows;
	event->failed = pending->state == PENDING_FAILED;
	event->tag = pending->tag;
	event->sqlstate = pending->sqlstate;
	event->signal = pending->signal;
	event->context_source = pending->context_source;
	event->context_stale = pending->context_stale;
	__builtin_memcpy(event->context, pending->context, CONTEXT_BYTES);
	event->sums = backend->delta;
	event->waits = backend->pending_waits;
	if (event->waits.long_untold)
		count_loss(LOSS_LONG_WAITS);
	event->phases = backend->pending_phases.times;
	event->nested = backend->pending_nested;
	event->text_length = 0;
	event->text_truncated = 0;
}

/*
 * The statement's own text, if it is still where it was; else what MyBEEntry shows, which
 * PostgreSQL cuts off at track_activity_query_size.
 */
static __always_inline void fill_text(struct scratch *scratch, const struct backend *backend,
				      const struct target *target)
{
	const struct pending *pending = &backend->pending;
	u64 hash = pending->text_address ? text_read(scratch, pending->text_address) : 0;

	scratch->statement.text_truncated = scratch->truncated;
	if (hash != pending->text_hash && backend->entry) {
		hash = text_read(scratch, read_u64(backend->entry + target->entry_activity));
		scratch->statement.text_truncated = 1;
	}
	scratch->statement.text_length = hash ? scratch->length & TEXT_MASK : 0;
}

static __noinline int record_statement(struct backend *backend, struct target *target, u64 duration_ns, bool superseded)
{
	struct scratch *scratch;
	u32 reason;

	if (!backend || !target)
		return -1;
	reason = capture_reason(&backend->pending, target, duration_ns);
	if (reason == CAPTURE_NONE)
		return 0;
	if (!token_taken(target, reason, bpf_ktime_get_ns())) {
		count_loss(LOSS_RATE_FAILED + reason - CAPTURE_FAILED);
		return 0;
	}
	scratch = scratch_claim();
	if (!scratch)
		return -1;
	fill_statement(&scratch->statement, backend, reason, duration_ns);
	fill_session(&scratch->statement, backend, target);
	if (!scratch->statement.query_id && !superseded) /* else what is shown is the next one's */
		scratch->statement.query_id = read_query_id(backend, target);
	if (target->flags & SETTING_RAW_TEXT)
		fill_text(scratch, backend, target);
	if (bpf_ringbuf_output(&events, &scratch->statement,
			       EVENT_TEXT_OFFSET + (scratch->statement.text_length & TEXT_MASK), 0))
		count_loss(LOSS_RECORDS_RING_FULL);
	scratch_release(scratch);
	return 0;
}

#endif
