// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds the lock that a backend waits for: read from the server's memory while it waits, kept until the statement
 * that waited is told.
 */
#ifndef PGSCOPE_LOCKS_H
#define PGSCOPE_LOCKS_H

#include "ring_events.h"
#include "target.h"

#define LOCK_BLOCKERS 3 /* of one lock that are told */

struct blocker {
	int pid;      /* as PostgreSQL shows it */
	bool waiting; /* it does not hold the lock, but waits in front */
	char state[32];
	char application[NAME_BYTES];
	uint64_t transaction_start; /* µs since 2000-01-01; 0: none */
	char text[1024];	    /* its statement, or its last one */
};

struct lock_look {
	unsigned int target; /* its index + 1; 0: a free place */
	unsigned int pid;
	uint64_t at_ns; /* monotonic */
	uint32_t mode;
	uint32_t fields[4]; /* of the LOCKTAG */
	unsigned int count;
	struct blocker blockers[LOCK_BLOCKERS];
};

/* Looks into the lock of an event. */
void locks_look(const struct attached_target *target, const struct lock_event *event);
/* What was seen when this backend began to wait, at or before `begin_ns`; NULL if nothing was. */
const struct lock_look *locks_find(const struct attached_target *target, unsigned int pid, uint64_t begin_ns);
/* Forgets what was seen of a target. */
void locks_forget(const struct attached_target *target);

#endif
