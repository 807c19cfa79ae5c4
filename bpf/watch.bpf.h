/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What tells a hook that stays silent from one that had nothing to say; watch.c draws the conclusions. */
#ifndef PGSCOPE_WATCH_BPF_H
#define PGSCOPE_WATCH_BPF_H

/* EndCommand has not followed the portal that ended before. */
static __always_inline void portal_unanswered(struct backend *backend)
{
	struct target_counts *counts = backend->portal_end ? counts_of(backend) : NULL;

	if (counts && backend->portal_end == PORTAL_END_COUNTED)
		counts->portals_unconfirmed++;
	else if (counts)
		counts->portals_unseen++;
	backend->portal_end = PORTAL_END_NONE;
}

/* PortalRun has run a portal to its end, and EndCommand is to follow before another one, or the message, ends. */
static __always_inline void portal_ended(struct backend *backend, u32 how)
{
	portal_unanswered(backend);
	backend->portal_end = how;
}

/* EndCommand fires. True: it is for a statement that PortalRun, in its place, has counted. */
static __always_inline bool portal_confirmed(struct backend *backend)
{
	bool counted = backend->portal_end == PORTAL_END_COUNTED;
	struct target_counts *counts = counted ? counts_of(backend) : NULL;

	backend->portal_end = PORTAL_END_NONE;
	if (counts)
		counts->portals_confirmed++;
	return counted;
}

/* `aborted`: the transaction is, now that the message is over. What an error before the attach has left is not counted.
 */
static __always_inline void watch_message_end(struct backend *backend, bool aborted)
{
	bool unseen = aborted && !backend->failed && !backend->aborted && backend->answered;
	bool empty = !backend->pending.state && !backend->failed;
	struct target_counts *counts;

	backend->aborted = aborted;
	if (backend->failed)
		backend->portal_end = PORTAL_END_NONE; /* its commit has failed: there is nothing to tell */
	portal_unanswered(backend);
	if (!unseen && !empty)
		return;
	counts = counts_of(backend);
	if (!counts)
		return;
	counts->aborted_unseen += unseen;
	counts->messages_empty += empty;
}

#endif
