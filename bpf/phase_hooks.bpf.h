/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The programs behind PostgreSQL's functions that begin a phase, or run a nested statement. */
#ifndef PGSCOPE_PHASE_HOOKS_BPF_H
#define PGSCOPE_PHASE_HOOKS_BPF_H

/* The current client's backend, if its target is captured at level phases. */
static __always_inline struct backend *phases_backend(void *ctx, struct target **target)
{
	struct backend *backend = current_backend();

	if (!backend || backend->kind == KIND_OTHER)
		return NULL;
	*target = hooked_target(ctx, backend);
	if (!*target || (*target)->level != LEVEL_PHASES)
		return NULL;
	know_backend(backend, *target);
	return backend;
}

/* parse_analyze: the text has been read, its meaning is looked for, and rules are applied. */
SEC("uprobe.multi")
int BPF_KPROBE(analyze)
{
	u64 now = bpf_ktime_get_ns();
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (!backend || is_inside(backend, target, PT_REGS_SP(ctx)))
		return 0;
	message_ensure_open(backend, target, now);
	/* what was bound, and never run, is given up for another statement */
	if (backend->phases.current != PHASE_NONE)
		__builtin_memset(&backend->phases, 0, sizeof(backend->phases));
	phase_begins(&backend->phases, PHASE_PARSE, backend->boundary_ns);
	phase_begins(&backend->phases, PHASE_ANALYZE, now);
	return 0;
}

SEC("uprobe.multi")
int BPF_KPROBE(plan)
{
	u64 now = bpf_ktime_get_ns();
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (!backend || is_inside(backend, target, PT_REGS_SP(ctx)) || backend->phases.current == PHASE_PLAN)
		return 0;
	message_ensure_open(backend, target, now);
	bind_may_begin(&backend->phases, target, backend->boundary_ns, now);
	phase_begins(&backend->phases, PHASE_PLAN, now);
	backend->phases.stack = PT_REGS_SP(ctx);
	return 0;
}

/* PortalStart(portal, …): all is known that is needed to run. */
SEC("uprobe.multi")
int BPF_KPROBE(portal_start, u64 portal)
{
	u64 now = bpf_ktime_get_ns();
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (!backend || is_inside(backend, target, PT_REGS_SP(ctx)))
		return 0;
	message_ensure_open(backend, target, now);
	bind_may_begin(&backend->phases, target, backend->boundary_ns, now);
	phase_begins(&backend->phases, PHASE_EXECUTE, now);
	backend->phases.stack = PT_REGS_SP(ctx);
	backend->portal_begun = PT_REGS_SP(ctx);
	backend->phases.text = read_u64(portal + target->portal_text);
	return 0;
}

SEC("uprobe.multi")
int BPF_KPROBE(commit)
{
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (backend)
		commit_begins(backend, target, PT_REGS_SP(ctx), bpf_ktime_get_ns());
	return 0;
}

/* SPI, or a function in SQL: it may run statements. Attached until it has been called once. */
SEC("uprobe.multi")
int BPF_KPROBE(function_called)
{
	struct function_event event = {.type = EVENT_FUNCTION};
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (!backend || !target->functions_unseen || !__sync_val_compare_and_swap(&target->functions_unseen, 1, 0))
		return 0;
	event.target = backend->target;
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		target->functions_unseen = 1; /* there is no room: the next call tells it */
	return 0;
}

/* standard_ExecutorStart(queryDesc, …), called for the statement itself, too. Triggers may run while it commits. */
SEC("uprobe.multi")
int BPF_KPROBE(nested_start, u64 query_desc)
{
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (!backend)
		return 0;
	if (backend->phases.current >= PHASE_EXECUTE)
		nested_begins(backend, target, query_desc, PT_REGS_SP(ctx), false);
	else if (is_in_commit_at_sync(backend, target))
		nested_begins(backend, target, query_desc, PT_REGS_SP(ctx), true);
	return 0;
}

SEC("uprobe.multi")
int BPF_KPROBE(nested_end, u64 query_desc)
{
	struct backend *backend;
	struct target *target;

	backend = phases_backend(ctx, &target);
	if (backend && (backend->nested.count || backend->pending_nested.count))
		nested_ends(backend, query_desc);
	return 0;
}

#endif
