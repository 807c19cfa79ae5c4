/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Processes that are accounted as a whole, now and then, instead of statement by statement: background processes at
 * every level, and clients' backends at level waits, where no function of PostgreSQL is hooked.
 */
#ifndef PGSCOPE_PROCESSES_BPF_H
#define PGSCOPE_PROCESSES_BPF_H

/* How often a process is accounted that does not change what it works on. */
#define TOLD_EVERY_NS (10 * 1000000ULL)

/* An autovacuum worker shows the table that it works on, as a client's backend shows its statement. */
static __always_inline bool is_autovacuum(const struct backend *backend, const struct target *target)
{
	return backend->kind == KIND_OTHER && (s32)backend->type == target->type_autovacuum_worker;
}

/* Accounts what the process has done from `last` to `mark`, and what it has waited for. */
static __noinline int tell_process(struct backend *backend, struct target *target, u64 fingerprint)
{
	if (!backend || !target)
		return -1;
	delta_of(target, &backend->last, &backend->mark, &backend->delta);
	for (int i = SUM_BLOCKS; i < SUMS && backend->parallel; i++)
		backend->delta.value[i] = 0; /* its leader's counters hold them */
	backend->last = backend->mark;
	add_delta(backend, fingerprint);
	return tell_waits(backend, &backend->waits, fingerprint);
}

/* A parallel worker is its leader's, whose query is known when its work ends. */
static __always_inline u32 background_switched_out(struct backend *backend, struct target *target, u32 event, u64 now)
{
	u64 told = backend->told_ns;

	/* Who rests may do so for minutes: it leaves nothing untold, unless it comes to rest that often. */
	if (event >> 24 == WAIT_CLASS_ACTIVITY) {
		told = backend->rested_ns;
		backend->rested_ns = now;
	}
	if (!backend->parallel && now - told >= TOLD_EVERY_NS) {
		take_snapshot(backend, target, &backend->mark, now);
		tell_process(backend, target, background_fingerprint(backend));
		backend->told_ns = now;
	}
	return OFF_WAIT;
}

/* Sent each time that a worker begins with a table: user space forgets the oldest ones. */
static __always_inline int work_publish(struct scratch *scratch, const struct backend *backend,
					const struct text_facts *facts)
{
	struct fingerprint_key key = {
		.target = backend->target, .generation = backend->generation, .fingerprint = facts->fingerprint};

	bpf_map_delete_elem(&known_queries, &key);
	return text_publish(scratch, backend->target, backend->generation, facts);
}

/* The query that MyBEEntry shows. The text of the one before is known by its hash. */
static __noinline u64 observed_fingerprint(struct backend *backend, struct target *target,
					   const struct entry_times *entry)
{
	u64 fingerprint = FINGERPRINT_UNKNOWN, hash;
	struct text_facts facts = {};
	struct scratch *scratch;
	bool autovacuum;

	if (!backend || !target || !entry)
		return fingerprint;
	autovacuum = is_autovacuum(backend, target);
	if (autovacuum)
		fingerprint = background_fingerprint(backend);
	if (entry->state == target->state_disabled)
		return fingerprint;
	if (!entry->activity_start)
		return autovacuum ? fingerprint : FINGERPRINT_OUTSIDE;
	scratch = scratch_claim();
	if (!scratch)
		return fingerprint;
	hash = text_read(scratch, entry->activity);
	if (hash && hash == backend->seen_hash) {
		fingerprint = backend->seen_fingerprint;
	} else if (hash && autovacuum) {
		fingerprint = facts.fingerprint = FINGERPRINT_AUTOVACUUM | (u32)hash;
		facts.end = scratch->length;
		backend->seen_hash = work_publish(scratch, backend, &facts) ? 0 : hash;
	} else if (hash) {
		text_facts_of(scratch, backend->target, backend->generation, 0, &facts);
		fingerprint = facts.fingerprint;
		backend->seen_hash = facts.published ? hash : 0;
	} else {
		count_loss(LOSS_TEXT_UNREADABLE);
	}
	scratch_release(scratch);
	return fingerprint;
}

/*
 * Another statement is shown: up to the last switch all was the former one's, if that is another query. Autovacuum that
 * shows no table any more has just been done with the former one.
 */
static __always_inline void observed_changes(struct backend *backend, struct target *target,
					     const struct entry_times *entry, u64 now)
{
	u64 fingerprint = observed_fingerprint(backend, target, entry);

	if (fingerprint == background_fingerprint(backend))
		take_snapshot(backend, target, &backend->mark, now);
	if (fingerprint != backend->seen_fingerprint)
		tell_process(backend, target, backend->seen_fingerprint);
	if (!backend->identified && backend->kind != KIND_OTHER)
		publish_identity(backend, target);
	backend->seen_fingerprint = fingerprint;
	if (backend->seen_hash || fingerprint >> 32 != FINGERPRINT_AUTOVACUUM >> 32) /* else tried again */
		backend->seen_start = entry->activity_start;
}

/*
 * Level waits, and an autovacuum worker at each level: what has been done since the last switch is the work of the
 * query (or table) that is shown now, if it began since then or goes on; if several have, of the last one. Returns what
 * leaving the CPU means.
 */
static __noinline int observed_switched_out(struct backend *backend, struct target *target, u64 now)
{
	struct entry_times entry;

	if (!backend || !target || !backend->entry)
		return OFF_IDLE;
	if (!backend->user_oid && backend->parallel)
		learn_backend(backend, target);
	if (!backend->observed) { /* another level has left something, and what is before is nobody's */
		backend->observed = 1;
		backend->open = 0;
		backend->answered = 0;
		backend->pending.state = PENDING_NONE;
		backend->mark = backend->last;
		if (is_autovacuum(backend, target))
			backend->seen_fingerprint = background_fingerprint(backend);
	}
	read_entry(backend, target, &entry);
	if (entry.activity_start != backend->seen_start)
		observed_changes(backend, target, &entry, now);
	take_snapshot(backend, target, &backend->mark, now);
	if (now - backend->told_ns >= TOLD_EVERY_NS) {
		tell_process(backend, target, backend->seen_fingerprint);
		backend->told_ns = now;
	}
	if (backend->outside_queued_ns > OUTSIDE_TOLD_NS)
		tell_outside(backend, target);
	return state_is_active(target, entry.state) || is_autovacuum(backend, target) ? OFF_WAIT : OFF_IDLE;
}

/*
 * The process ends: what has been counted since it was accounted last. Before Linux 6.16 its memory has gone already,
 * and the kernel's own counters alone are known.
 */
static __noinline int tell_rest(struct backend *backend, struct target *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 fingerprint = FINGERPRINT_OUTSIDE;

	if (!backend || !target)
		return -1;
	if (backend->kind == KIND_UNKNOWN && task->mm)
		learn_type(backend, target);
	if (backend->worker_fingerprint)
		fingerprint = backend->worker_fingerprint;
	else if (is_background(backend, target) && !backend->seen_fingerprint)
		fingerprint = background_fingerprint(backend);
	else if (backend->seen_fingerprint)
		fingerprint = backend->seen_fingerprint;
	backend->mark = backend->last;
	if (task->mm && (backend->entry || backend->socket))
		take_snapshot(backend, target, &backend->mark, bpf_ktime_get_ns());
	else
		read_kernel_counters(backend, &backend->mark, bpf_ktime_get_ns());
	tell_process(backend, target, fingerprint);
	return tell_outside(backend, target);
}

#endif
