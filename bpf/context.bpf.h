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

/* A context in the text of a prepared statement is that of its first execution. */
static __always_inline bool context_used_before(const struct scratch *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 key = hash_mix(hash_mix(scratch->hash, task->start_time), task->tgid);
	u8 one = 1;

	if (bpf_map_lookup_elem(&used_contexts, &key))
		return true;
	bpf_map_update_elem(&used_contexts, &key, &one, BPF_ANY);
	return false;
}

static __always_inline void text_context(struct scratch *scratch, const struct text_facts *facts,
					 struct pending *pending, u32 dest)
{
	u32 offset = facts->context;

	if (offset >= TEXT_MAX - CONTEXT_BYTES)
		return;
	__builtin_memcpy(pending->context, scratch->text + offset, CONTEXT_BYTES);
	pending->context_source = CONTEXT_SQLCOMMENT;
	if (dest != DEST_REMOTE)
		pending->context_stale = context_used_before(scratch);
}

#endif
