/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the programs know of a target, and what they count of it for the tracer. */
#ifndef PGSCOPE_TARGET_LAYOUT_H
#define PGSCOPE_TARGET_LAYOUT_H

#include "tracer.h"

/* Filled by the tracer at attach and when settings change; programs only write `next_token_ns`. */
struct target {
	unsigned int generation;	       /* 0: free; else that of the backends which belong to it */
	unsigned int link;		       /* cookie of the links whose events count: one per real inode */
	unsigned long long debug_query_string; /* addresses in each backend's memory; 0: absent */
	unsigned long long usage;	       /* the first byte of both */
	unsigned long long wal_usage;	       /* 0: it is within them */
	unsigned long long port;
	unsigned long long backend_entry;
	unsigned long long wait_event_info;
	unsigned long long proc_pid;
	unsigned long long backend_type;    /* MyBackendType */
	unsigned long long parallel_worker; /* ParallelWorkerNumber */
	unsigned long long message_context; /* MessageContext, a pointer */
	unsigned long long statement_start; /* stmtStartTimestamp */
	unsigned long long error_depth;
	unsigned long long error_array;
	unsigned int error_size;
	unsigned int sqlerrcode_offset;
	unsigned int elevel_offset;
	int error_level;
	unsigned short usage_size;
	unsigned short buffers_at; /* offsets in what is read */
	unsigned short wal_at;
	unsigned int io_time_timespec;	     /* 1: struct timespec, 0: ns */
	unsigned short read_times[IO_TIMES]; /* offsets in BufferUsage; 0: unused */
	unsigned short write_times[IO_TIMES];
	unsigned short entry_procpid;
	unsigned short entry_backend_type;
	unsigned short entry_activity_start;
	unsigned short entry_state_start;
	unsigned short entry_xact_start;
	unsigned short entry_database;
	unsigned short entry_user;
	unsigned short entry_client_address;
	unsigned short entry_state;
	unsigned short entry_application;
	unsigned short entry_activity;
	unsigned short entry_query_id;
	unsigned short port_socket;
	unsigned short port_database;
	unsigned short port_user;
	unsigned short portal_text; /* see struct portal_layout */
	unsigned short portal_position;
	unsigned short portal_stride;
	unsigned short portal_knows_context;
	unsigned short context_first;
	unsigned short portal_run_arguments; /* 7 until PostgreSQL 17, 6 since 18 */
	signed char state_running;
	signed char state_fastpath;
	signed char state_aborted;
	signed char state_disabled;
	signed char type_client;
	signed char type_wal_sender;
	signed char type_autovacuum_worker;
	unsigned int row_tags[ROW_TAGS]; /* command tags whose number of rows counts */
	unsigned int
		completion_at_frame; /* where exec_execute_message keeps its QueryCompletion: at the frame pointer */
	int completion_displacement; /* (or else the stack pointer) plus this */
	unsigned int tag_set;	     /* command tag of SET */
	unsigned int end_tags[END_TAGS]; /* of commands whose portal is gone when they have run */
	/* settings */
	unsigned int level;	       /* enum level */
	unsigned int functions_unseen; /* 1: the first function that runs is to be told; its program sets 0 */
	unsigned int nested_depth;     /* of nested statements that are told, at level phases */
	unsigned int flags;
	unsigned int sample_threshold; /* a random 32-bit number below it: sampled */
	unsigned long long min_duration_ns;
	unsigned long long min_wait_ns; /* a wait of a recorded statement that is told with begin and end */
	unsigned long long token_ns;	/* between two records */
	unsigned long long next_token_ns;
	unsigned long long next_lock_ns; /* the same of locks that are looked into */
};

/* What the tracer watches hooks by; per CPU. */
struct target_counts {
	unsigned long long end_command;	   /* EndCommand (or its replacement) fired */
	unsigned long long errors;	   /* EmitErrorReport (or its replacement) fired */
	unsigned long long messages_empty; /* messages that ended with neither */
	unsigned long long portals_unseen; /* ran to their end, and EndCommand did not follow: seen by its witness */
	unsigned long long portals_unconfirmed; /* the same, where PortalRun stands in for it */
	unsigned long long portals_confirmed;	/* where PortalRun stands in for it, it followed nevertheless */
	unsigned long long errors_unconfirmed; /* errors that AbortCurrentTransaction, in its place, was first to see */
	unsigned long long errors_confirmed;   /* errors that EmitErrorReport itself has told */
	unsigned long long aborted_unseen;     /* transactions found aborted without an error seen */
	unsigned long long state_disabled;     /* statements with track_activities = off */
	unsigned long long prepared_contexts;  /* trace contexts in texts of prepared statements */
	unsigned long long round_trips;	       /* looks at a client's connection, at most one a second for each */
	unsigned long long round_trip_us;      /* the sum of what they saw */
};

#endif
