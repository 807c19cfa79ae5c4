/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What crosses from the programs to the tracer, rarely, by the ring buffer. */
#ifndef PGSCOPE_RING_EVENTS_H
#define PGSCOPE_RING_EVENTS_H

#include "tracer.h"

/* Ring buffer events; `type` stands first in each. */
enum event_type {
	EVENT_QUERY = 1,
	EVENT_IDENTITY,
	EVENT_STATEMENT,
	EVENT_LOCK,
	EVENT_FUNCTION,
};

struct query_event {
	unsigned int type;
	unsigned int target;
	unsigned long long fingerprint;
	unsigned int begin, end;
	unsigned int length; /* of the text that follows */
	unsigned int truncated;
};

struct identity_event {
	unsigned int type;
	unsigned int target;
	unsigned int database_oid;
	unsigned int user_oid;
	char database[NAME_BYTES];
	char user[NAME_BYTES];
};

/* A backend has to wait for a lock. */
struct lock_event {
	unsigned int type;
	unsigned int target;
	unsigned int pid; /* as PostgreSQL shows it */
	unsigned int unused;
	unsigned long long local_lock; /* LOCALLOCK, in its memory */
	unsigned long long at_ns;      /* monotonic */
};

/* A function or trigger runs, which may run statements. */
struct function_event {
	unsigned int type;
	unsigned int target;
};

struct statement_event {
	unsigned int type;
	unsigned int target;
	unsigned long long fingerprint;
	unsigned int reason;
	unsigned int pid; /* as PostgreSQL shows it */
	unsigned int database_oid;
	unsigned int user_oid;
	unsigned long long query_id;
	unsigned long long begin_ns; /* monotonic */
	unsigned long long duration_ns;
	unsigned long long rows;
	unsigned int failed;
	unsigned int tag;
	unsigned int sqlstate;
	unsigned int signal;
	unsigned char context_source;
	unsigned char context_stale;
	unsigned short client_family;
	unsigned short client_port; /* network byte order */
	unsigned short unused;
	unsigned int round_trip_us;
	unsigned char client_address[16];
	char context[CONTEXT_BYTES];
	char application[NAME_BYTES];
	struct sums sums;
	struct waits waits;
	struct phase_times phases;
	struct nested nested;
	unsigned int text_length; /* of the raw text that follows, if asked for */
	unsigned int text_truncated;
};

/* Texts stand behind the longer one of the two events that have one. */
#define EVENT_TEXT_OFFSET sizeof(struct statement_event)

#endif
