// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds the lock that a backend waits for: read from the server's memory while it waits. What an event has led to
 * is kept until the statement that waited is told; who waits at the time of a drain is told at once, if asked for.
 */
#ifndef PGSCOPE_LOCKS_H
#define PGSCOPE_LOCKS_H

#include "ring_events.h"
#include "target.h"

#define LOCK_BLOCKERS 3 /* of one lock that are told */

/* A process as its status entry shows it. */
struct session {
	int pid;	  /* as PostgreSQL shows it */
	int backend_type; /* PostgreSQL's number; -1: not known */
	unsigned int database_oid, user_oid;
	char state[32];
	char application[NAME_BYTES];
	uint64_t transaction_start; /* µs since 2000-01-01; 0: none */
	char text[1024];	    /* its statement, or its last one */
};

struct blocker {
	struct session session;
	bool waiting; /* it does not hold the lock, but waits in front */
};

/* LOCK and PROCLOCK of one that waits, as addresses in shared memory, and the mode that it asks for. */
struct awaited_lock {
	uint64_t lock, holder;
	uint32_t mode;
};

/* Where a process has its PGPROC, by which its number is found without a search. */
struct known_process {
	uint64_t address;
	int pid; /* as we see it */
};

struct known_processes {
	const struct known_process *list;
	int count;
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

/*
 * The holders of a lock into `look`, read in the memory of `reader`, as we see its number, which waits for it and is
 * `waiter` for PostgreSQL. `known` may be NULL: then processes are searched for.
 */
void locks_read_blockers(const struct server *server, int reader, const struct awaited_lock *awaited, int waiter,
			 const struct known_processes *known, struct lock_look *look);
/* What the status entry of a process shows; `host_pid`: as we see its number, 0 if it is not known. */
void locks_read_session(const struct server *server, int pid, int host_pid, struct session *out);
/* The fields of a session, and the field `lock`, of the event that is being written. */
void locks_output_session(const struct server *server, const struct session *session);
void locks_output(const struct server *server, const struct lock_look *look);

/* Looks into the lock of an event. */
void locks_look(const struct attached_target *target, const struct lock_event *event);
/* What was seen when this backend began to wait, at or before `begin_ns`; NULL if nothing was. */
const struct lock_look *locks_find(const struct attached_target *target, unsigned int pid, uint64_t begin_ns);
/* Forgets what was seen of a target. */
void locks_forget(const struct attached_target *target);

/* Writes a `lock` line for each process of the target that waits for a lock now, as far as there is room; returns how
 * many more wait. */
unsigned int lock_waits_report(const struct attached_target *target);

#endif
