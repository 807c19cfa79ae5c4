/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the programs know of one process of a target, in its task storage; the tracer only makes it and takes it away.
 */
#ifndef PGSCOPE_BACKEND_H
#define PGSCOPE_BACKEND_H

#include "io_layout.h"
#include "tracer.h"

/* One boundary: everything cumulative, read at one moment. */
struct snapshot {
	unsigned long long kernel[KERNEL_COUNTERS];
	unsigned char usage[USAGE_MAX];
};

enum pending_state {
	PENDING_NONE,
	PENDING_COMPLETED,
	PENDING_FAILED,
};

enum context_source {
	CONTEXT_NONE,
	CONTEXT_SQLCOMMENT,
	CONTEXT_APPLICATION_NAME,
};

/* A statement that has run and whose message has not ended yet. */
struct pending {
	unsigned long long fingerprint;
	unsigned long long text_hash; /* of the raw text, to know it again */
	unsigned long long text_address;
	unsigned long long query_id; /* read when it ended, if it may be recorded; 0: not */
	unsigned long long begin_ns;
	unsigned long long end_ns; /* of its execution; the message's end may come later */
	unsigned long long rows;
	unsigned int state; /* enum pending_state */
	unsigned int tag;
	unsigned int sqlstate; /* PostgreSQL's packed form */
	unsigned int signal;
	unsigned int call; /* 1: counts as a call */
	unsigned char context_source;
	unsigned char context_stale;
	unsigned char context_sampled; /* the upstream flag, 1 if it could not be read */
	unsigned char last;	       /* of its string of statements */
	char context[CONTEXT_BYTES];
};

/* Where a statement is, level phases. */
struct phases {
	struct phase_times times; /* of the phases that are over */
	unsigned long long since_ns;
	unsigned long long stack;   /* pointer at PortalStart */
	unsigned long long text;    /* address of the portal's text */
	unsigned long long message; /* commit at Sync: when the last message that may run something began */
	unsigned int current;	    /* enum phase */
	unsigned int unused;
};

/* A nested statement that runs. */
struct nested_frame {
	unsigned long long query_desc; /* address; 0: none */
	unsigned long long stack;      /* pointer at its begin */
	unsigned long long begin_ns;
	unsigned int place;   /* in struct nested */
	unsigned int pending; /* in that of the pending statement, which commits */
};

/* A portal has run to its end, and EndCommand has not fired since. */
enum portal_end {
	PORTAL_END_NONE,
	PORTAL_END_WITNESSED,
	PORTAL_END_COUNTED, /* as a statement, in EndCommand's place */
};

enum backend_kind {
	KIND_UNKNOWN,
	KIND_CLIENT, /* client backends and WAL senders: they run statements */
	KIND_OTHER,
};

/* What leaving the CPU means. */
enum off_kind {
	OFF_WAIT,     /* for off_event */
	OFF_RUNNABLE, /* another one was to run */
	OFF_IDLE,     /* for the client's next statement */
};

/* All that is known of one process of a target; lives and dies with it. */
struct backend {
	unsigned int target;	 /* index */
	unsigned int generation; /* of the target, as an index is used again */
	unsigned int postmaster;
	unsigned int kind;		  /* enum backend_kind */
	unsigned int type;		  /* BackendType of this version; 0: not known */
	unsigned int parallel;		  /* a worker of a parallel query */
	unsigned int open;		  /* a message is being worked on */
	unsigned long long begin_ns;	  /* of the open message */
	unsigned long long boundary_ns;	  /* end of the previous statement of the open message, or begin_ns */
	unsigned long long resumed_ns;	  /* came onto the CPU while no message was open */
	unsigned long long ended_ns;	  /* ReadyForQuery, when the message is closed by what follows */
	unsigned long long cpu_ns;	  /* up to on_cpu_ns */
	unsigned long long on_cpu_ns;	  /* since when it runs; 0: it does not, or not known */
	unsigned long long queued_ns;	  /* runnable, and not running */
	unsigned long long off_cpu_ns;	  /* since when it did not run, before on_cpu_ns; 0: that has been accounted */
	unsigned long long off_run_delay; /* the kernel's count of run-queue time then */
	unsigned long long off_major_faults; /* and of these */
	unsigned long long off_runtime_ns;   /* and of its CPU time */
	unsigned long long on_runtime_ns;    /* the same, at on_cpu_ns */
	unsigned int off_event;		     /* what it waited for */
	unsigned int off_kind;		     /* enum off_kind */
	unsigned long long outside_cpu_ns;   /* between messages, not told yet */
	unsigned long long outside_queued_ns;
	unsigned long long told_ns;    /* when level waits, or a background process, was accounted last */
	unsigned long long rested_ns;  /* when a background process was last seen to wait in its main loop */
	unsigned long long seen_start; /* level waits: st_activity_start_timestamp of the query that was seen last */
	unsigned long long seen_fingerprint; /* its fingerprint */
	unsigned long long seen_hash;	     /* of its raw text */
	unsigned long long received_bytes;
	unsigned long long sent_bytes;
	unsigned long long entry;	       /* MyBEEntry */
	unsigned long long wait_event;	       /* my_wait_event_info's target */
	unsigned long long application;	       /* st_appname */
	unsigned long long socket;	       /* struct sock of the client; 1: none */
	unsigned long long received_before;    /* received_bytes when the last message ended */
	unsigned long long connection_seen_ns; /* when its round-trip time was looked at last */
	unsigned long long completed_start;    /* stmtStartTimestamp of the last completed statement, if hidden */
	unsigned long long worker_fingerprint; /* a parallel worker's query; 0: none */
	unsigned long long portals;	       /* TopPortalContext; 0: not looked for yet */
	unsigned long long suspended_xact;     /* start of the transaction in which a portal was suspended */
	unsigned long long portal_qc;	       /* where PortalRun stands in for EndCommand: of the outermost call */
	unsigned long long portal_stack;       /* its stack pointer, as long as it runs */
	unsigned long long portal_begun;       /* stack pointer at the last outermost PortalStart, level phases */
	unsigned int portal_dest;
	unsigned int portal_end;  /* enum portal_end */
	unsigned int statements;  /* of the open message, simple protocol */
	unsigned int observed;	  /* at level waits, since it left the CPU there */
	unsigned int lock_mode;	  /* in which a lock was asked for when the backend had to wait for one last */
	unsigned int traced_name; /* the application name looks like a trace context */
	unsigned int identified;  /* the names of database and user have been sent */
	unsigned int answered;	  /* a message has ended since the socket is known */
	unsigned int failed;	  /* the open message had an error */
	unsigned int aborted;	  /* the transaction was aborted at the last message's end */
	unsigned int suspended;	  /* a portal was left suspended, in that transaction */
	unsigned int hidden;	  /* the last message's end showed no activity: track_activities = off */
	unsigned int database_oid;
	unsigned int user_oid;
	struct pending pending;
	struct snapshot last;	      /* end of the last thing that was accounted */
	struct snapshot mark;	      /* end of the pending statement's execution */
	struct sums delta;	      /* between the two */
	struct waits waits;	      /* since the last boundary */
	struct waits pending_waits;   /* of the pending statement */
	unsigned int phased;	      /* what follows may hold something */
	struct phases phases;	      /* of the statement in work */
	struct phases pending_phases; /* of the pending one */
	struct nested nested;
	struct nested pending_nested;
	struct nested_frame nested_open[NESTED_OPEN];
	struct io_call io;
	/* what is being looked at; here, as the BPF stack is small: 512 bytes for all calls together */
	unsigned long long name[NAME_BYTES / 8];
	unsigned long long entry_block[ENTRY_BLOCK_BYTES / 8];
};

#endif
