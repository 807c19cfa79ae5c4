/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The programs behind PostgreSQL's own functions. */
#ifndef PGSCOPE_POSTGRES_HOOKS_BPF_H
#define PGSCOPE_POSTGRES_HOOKS_BPF_H

/* The current process's target, if this link is the one that counts for it: several may sit on one
 * real inode. */
static __always_inline struct target *hooked_target(void *ctx, const struct backend *backend)
{
	struct target *target = target_of(backend);

	return target && bpf_get_attach_cookie(ctx) == target->link ? target : NULL;
}

SEC("uprobe.multi")
int BPF_KPROBE(end_command, u64 qc, u32 dest)
{
	struct backend *backend = current_backend();
	struct target *target;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target)
		return 0;
	if (!portal_confirmed(backend))
		statement_completed(backend, target, qc, dest);
	return 0;
}

/* The call of pq_putemptymessage('s') in exec_execute_message, whose QueryCompletion lies in its frame. */
SEC("uprobe.multi")
int BPF_KPROBE(portal_suspended)
{
	struct backend *backend = current_backend();
	struct target *target;
	u64 frame = PT_REGS_FP(ctx), stack = PT_REGS_SP(ctx);

	/* two loads, and no load at a chosen offset: the verifier wants constant offsets into the registers */
	barrier_var(frame);
	barrier_var(stack);
	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target)
		return 0;
	if (!target->completion_at_frame)
		frame = stack;
	portal_part_completed(backend, target, frame + target->completion_displacement);
	return 0;
}

/* The error on top of PostgreSQL's stack of them. False: it fails no statement of a client. */
static __noinline int error_reported(struct backend *backend, struct target *target)
{
	struct entry_times entry = {};
	u64 element;
	s32 level;
	u32 depth;
	bool fatal;

	if (!backend || !target || !target->error_array)
		return false;
	depth = read_u32(target->error_depth);
	if (depth > 4)
		return false;
	element = target->error_array + (u64)depth * target->error_size;
	level = (s32)read_u32(element + target->elevel_offset);
	if (level < target->error_level)
		return false;
	know_backend(backend, target);
	if (backend->kind != KIND_CLIENT)
		return false;
	fatal = level > target->error_level;
	statement_failed(backend, target, read_u32(element + target->sqlerrcode_offset), 0, fatal);
	if (fatal && backend->pending.state) /* nothing follows */
		message_ended(backend, target, &entry, bpf_ktime_get_ns());
	return true;
}

SEC("uprobe.multi")
int BPF_KPROBE(emit_error_report)
{
	struct backend *backend = current_backend();
	struct target_counts *counts;
	struct target *target;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target || !error_reported(backend, target))
		return 0;
	counts = counts_of(backend);
	if (counts)
		counts->errors_confirmed++;
	return 0;
}

/* In EmitErrorReport's place; where both fire, it is the second one, and the statement has failed already. */
SEC("uprobe.multi")
int BPF_KPROBE(abort_current_transaction)
{
	struct backend *backend = current_backend();
	struct target_counts *counts;
	struct target *target;

	if (!backend || backend->failed)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target || !error_reported(backend, target) || !backend->failed)
		return 0;
	counts = counts_of(backend);
	if (counts)
		counts->errors_unconfirmed++;
	return 0;
}

/* The end of a message, where it cannot be seen otherwise: before Linux 6.3, and with
 * track_activities = off. */
SEC("uprobe.multi")
int BPF_KPROBE(ready_for_query)
{
	struct backend *backend = current_backend();
	struct entry_times entry;
	struct target *target;
	u64 now;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target)
		return 0;
	know_backend(backend, target);
	read_entry(backend, target, &entry);
	now = bpf_ktime_get_ns();
	backend->ended_ns = now;
	if (!sees_sockets || !backend->socket)
		message_ended(backend, target, &entry, now);
	return 0;
}

/*
 * ProcSleep: a lock is held against the current process. Who holds it the tracer finds out, now, in the server's
 * memory. LOCALLOCK: LOCKTAG, LOCKMODE @16.
 */
SEC("uprobe.multi")
int BPF_KPROBE(proc_sleep, u64 local_lock)
{
	struct backend *backend = current_backend();
	struct lock_event event = {.type = EVENT_LOCK};
	struct target *target;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target)
		return 0;
	backend->lock_mode = read_u32(local_lock + 16);
	event.target = backend->target;
	event.pid = read_u32(target->proc_pid);
	event.local_lock = local_lock;
	event.at_ns = bpf_ktime_get_ns();
	if (!token_of(&target->next_lock_ns, LOCK_TOKEN_NS, SECOND_NS, event.at_ns) ||
	    bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_loss(LOSS_LOCKS_UNINSPECTED);
	return 0;
}

/* A client has named itself, rarely: so that the name need not be looked at for each statement. */
SEC("uprobe.multi")
int BPF_KPROBE(report_appname, u64 name)
{
	struct backend *backend = current_backend();

	if (backend && hooked_target(ctx, backend))
		backend->traced_name = looks_like_context(name);
	return 0;
}

/*
 * StorePreparedStatement: a name is prepared (anew), by Parse or PREPARE; with its text a new trace context may have
 * come.
 */
SEC("uprobe.multi")
int BPF_KPROBE(store_prepared_statement, u64 name)
{
	struct backend *backend = current_backend();
	u64 key;

	if (!backend || !hooked_target(ctx, backend))
		return 0;
	key = prepared_key(backend, name);
	bpf_map_delete_elem(&used_contexts, &key);
	return 0;
}

/* The end of a parallel worker's work: its CPU time and I/O are its leader's; its blocks and WAL
 * are in the leader's already. */
SEC("uprobe.multi")
int BPF_KPROBE(instr_end_parallel_query)
{
	struct backend *backend = current_backend();
	struct text_facts facts = {};
	struct scratch *scratch;
	struct target *target;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target)
		return 0;
	learn_backend(backend, target); /* again: database and user may have been unknown when it started */
	scratch = scratch_claim();
	if (!scratch)
		return 0;
	if (text_read(scratch, read_u64(target->debug_query_string))) {
		text_facts_of(scratch, backend->target, backend->generation, 0, &facts);
		backend->worker_fingerprint = facts.fingerprint;
	}
	scratch_release(scratch);
	return 0;
}

/*
 * PortalRun, beside EndCommand as its witness or in its place: (portal, count, isTopLevel, run_once until 17, dest,
 * altdest, qc). The outermost call counts, as EXECUTE runs a portal inside its own; inner ones, which an error may
 * leave without a return, are further down the stack.
 */
SEC("uprobe.multi")
int BPF_KPROBE(portal_run)
{
	struct backend *backend = current_backend();
	u64 receiver, stack = PT_REGS_SP(ctx);
	struct target *target;

	if (!backend)
		return 0;
	target = hooked_target(ctx, backend);
	if (!target || stack < backend->portal_stack)
		return 0;
	backend->portal_stack = stack;
	if (target->portal_run_arguments == 7) {
		receiver = PT_REGS_PARM5(ctx);
		backend->portal_qc = read_u64(stack + 8);
	} else {
		receiver = PT_REGS_PARM4(ctx);
		backend->portal_qc = PT_REGS_PARM6(ctx);
	}
	backend->portal_dest = read_u32(receiver + 32); /* DestReceiver.mydest */
	return 0;
}

/* The target, if the outermost PortalRun returns and the portal has run to its end. */
static __always_inline struct target *portal_returns(struct pt_regs *ctx, struct backend *backend, u64 completed)
{
	struct target *target = hooked_target(ctx, backend);

	if (!target || !backend->portal_stack || PT_REGS_SP(ctx) < backend->portal_stack)
		return NULL;
	backend->portal_stack = 0;
	return completed & 0xff ? target : NULL;
}

SEC("uretprobe.multi")
int BPF_KRETPROBE(portal_run_witnessed, u64 completed)
{
	struct backend *backend = current_backend();

	if (backend && portal_returns(ctx, backend, completed))
		portal_ended(backend, PORTAL_END_WITNESSED);
	return 0;
}

SEC("uretprobe.multi")
int BPF_KRETPROBE(portal_run_end, u64 completed)
{
	struct backend *backend = current_backend();
	struct target *target;

	if (!backend)
		return 0;
	target = portal_returns(ctx, backend, completed);
	if (!target)
		return 0;
	statement_completed(backend, target, backend->portal_qc, backend->portal_dest);
	portal_ended(backend, PORTAL_END_COUNTED);
	return 0;
}

#endif
