/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Trace contexts that come with a statement: in a comment of its text, or as the application name. */
#ifndef PGSCOPE_CONTEXT_BPF_H
#define PGSCOPE_CONTEXT_BPF_H

#define DEST_REMOTE	    2 /* simple protocol */
#define DEST_REMOTE_EXECUTE 3 /* extended */

/* The application name, where it looked like a trace context when it was set. */
static __always_inline void application_context(const struct backend *backend, struct pending *pending)
{
	if (backend->traced_name && looks_like_context(backend->application) &&
	    bpf_probe_read_user_str(pending->context, NAME_BYTES, (void *)backend->application) > 0)
		pending->context_source = CONTEXT_APPLICATION_NAME;
}

/* The sampled flag of `…00-<32>-<16>-01…`, which begins within the first bytes; 1 if there is no
 * such thing to see. */
static __always_inline bool context_sampled(const char *context)
{
	for (int i = 0; i < 8; i++) {
		u8 flag;

		if (context[i + 2] != '-' || context[i + 35] != '-' || context[i + 52] != '-')
			continue;
		flag = fold(context[i + 54]);
		return (is_digit(flag) ? flag - '0' : flag - 'a' + 10) & 1;
	}
	return true;
}

/* A prepared statement's name, in this process, since this attach: what has been prepared before it was not seen. */
static __always_inline u64 prepared_key(struct backend *backend, u64 name)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 process = hash_mix(hash_mix(task->start_time, task->tgid), backend->generation);

	return hash_mix(name_hash(backend, name), process);
}

/*
 * What has failed may be a Parse, whose first string is no portal's name but a statement's, or a message that is not
 * there any more; a portal that was found by it is the failing one's if Bind is creating it now, or if it has the text
 * that has failed. `scratch` holds another text afterwards.
 */
static __always_inline bool is_failing_portal(const struct backend *backend, const struct target *target,
					      struct scratch *scratch, const struct portal *portal)
{
	if (!portal->text)
		return portal->position.created == read_u64(target->statement_start);
	return text_read(scratch, portal->text) == backend->pending.text_hash;
}

/* A command that ends its portal with its transaction, before the portal can be looked at. */
static __always_inline bool ends_portal(const struct target *target, u32 tag)
{
	for (int i = 0; i < END_TAGS; i++)
		if (tag == target->end_tags[i])
			return true;
	return false;
}

/*
 * The context in the text of a prepared statement is that of its first execution since it was parsed; parts of that
 * portal are the same execution. An unnamed statement has come with its context for this execution.
 */
static __noinline int context_used_before(struct backend *backend, const struct target *target, struct scratch *scratch,
					  u32 dest)
{
	struct target_counts *counts;
	struct portal portal;
	u64 key, use, *first;

	if (!backend || !target)
		return false;
	if (!find_portal(backend, target, &portal)) {
		if (dest && !ends_portal(target, backend->pending.tag))
			count_loss(LOSS_CONTEXT_PORTALS_UNREADABLE);
		return false;
	}
	if (!portal.statement_name || (!dest && !is_failing_portal(backend, target, scratch, &portal)))
		return false;
	key = prepared_key(backend, portal.statement_name);
	use = hash_mix(portal.address, portal.position.created);
	first = bpf_map_lookup_elem(&used_contexts, &key);
	if (first)
		return *first != use;
	bpf_map_update_elem(&used_contexts, &key, &use, BPF_ANY);
	counts = counts_of(backend);
	if (counts)
		counts->prepared_contexts++;
	return false;
}

/* `scratch` holds another text afterwards. */
static __always_inline void text_context(struct scratch *scratch, const struct text_facts *facts,
					 struct backend *backend, const struct target *target, u32 dest)
{
	struct pending *pending = &backend->pending;
	u32 offset = facts->context;

	if (offset >= TEXT_MAX - CONTEXT_BYTES)
		return;
	__builtin_memcpy(pending->context, scratch->text + offset, CONTEXT_BYTES);
	pending->context_source = CONTEXT_SQLCOMMENT;
	if (dest != DEST_REMOTE)
		pending->context_stale = context_used_before(backend, target, scratch, dest);
}

#endif
