/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Layouts shared by the BPF programs and the tracer. Sizes are checked on both sides: the tracer
 * compares them with the key and value sizes of the loaded maps before it starts.
 */
#ifndef PGSCOPE_TRACER_H
#define PGSCOPE_TRACER_H

#define MAX_TARGETS	     64
#define MAX_WAITS	     32768 /* pairs of query and wait event */
#define WAIT_CLASSES	     16	   /* the lowest four bits of the class; 0: those that have no name */
#define TEXT_MAX	     16384 /* bytes of a statement's text that are read, at most */
#define CONTEXT_BYTES	     96	   /* of an upstream trace context */
#define NAME_BYTES	     64	   /* NAMEDATALEN */
#define SECONDS_1970_TO_2000 946684800ULL
#define ENTRY_BLOCK_BYTES    224 /* of MyBEEntry, from activity_start to activity */
#define BUFFER_BLOCKS	     10	 /* block counters of BufferUsage */
#define USAGE_MAX	     192 /* bytes that hold BufferUsage and WalUsage, which are neighbours in memory */
#define WAL_USAGE_APART	     160 /* where WalUsage is put if they are not */
#define WAL_FIELDS	     3	 /* records, full-page images, bytes */
#define ROW_TAGS	     8
#define END_TAGS	     3
#define IO_TIMES	     3		 /* read (or write) times that make up one sum, at most */
#define WAIT_SLOTS	     12		 /* different wait events of one statement that are told apart */
#define LOCK_TOKEN_NS	     20000000ULL /* between two locks of a target that are looked into */
#define LONG_WAITS	     8		 /* of one statement, with begin and end */
#define NESTED_MAX	     12		 /* different nested statements of one statement */
#define NESTED_OPEN	     8		 /* of them that run inside each other */

/* Reserved fingerprints, see docs/tracer-protocol.md */
#define FINGERPRINT_OUTSIDE    0ULL
#define FINGERPRINT_UNKNOWN    1ULL	/* the text could not be read */
#define FINGERPRINT_NO_TEXT    2ULL	/* failed before PostgreSQL knew a text */
#define FINGERPRINT_BACKGROUND 0x100ULL /* plus PostgreSQL's number of the backend type: work that is no client's */
#define FINGERPRINT_AUTOVACUUM 0x100000000ULL /* plus 32 bits of the hash of what an autovacuum worker shows */
#define FINGERPRINT_OVERFLOW   (~0ULL)
#define BACKEND_TYPES	       32

#define WAIT_CLASS_ACTIVITY 5 /* PostgreSQL's: in a background process's main loop, for work */

/* Of waits for locks the mode stands in bits that PostgreSQL leaves free: 1, AccessShareLock, to 8; 0 is unknown. */
#define WAIT_CLASS_LOCK 3
#define LOCK_MODE_SHIFT 16
#define LOCK_MODES	0xfU

/*
 * Waits that PostgreSQL has no name for, in the form of its own: the class in the highest byte is one that it does not
 * use.
 */
#define WAIT_PAGE_FAULT 0xf0000001U /* memory had to be read from storage */
#define WAIT_STORAGE	0xf0000002U /* blocked on storage */
#define WAIT_UNNAMED	0xf0000003U /* asleep in the kernel for another reason */
#define WAIT_FURTHER	0xf0000004U /* of statements with more than WAIT_SLOTS different ones */

/*
 * Durations: OpenTelemetry exponential histogram of seconds at scale 3. Bucket i covers
 * (2^((HISTOGRAM_OFFSET + i) / 8), 2^((HISTOGRAM_OFFSET + i + 1) / 8)] s: from 1 µs to 18 min, both
 * ends open.
 */
#define HISTOGRAM_SCALE	  3
#define HISTOGRAM_OFFSET  (-160)
#define HISTOGRAM_BUCKETS 240

/* What the kernel counts for a task, cumulative. */
enum kernel_counter {
	COUNTER_CPU_NS,
	COUNTER_RUN_QUEUE_NS,
	COUNTER_STORAGE_READ_BYTES,
	COUNTER_STORAGE_WRITE_BYTES,
	COUNTER_MINOR_FAULTS,
	COUNTER_MAJOR_FAULTS,
	COUNTER_NETWORK_RECEIVED_BYTES,
	COUNTER_NETWORK_SENT_BYTES,
	KERNEL_COUNTERS,
};

/* In the order of time. COMMIT is the last one. */
enum phase {
	PHASE_NONE,
	PHASE_PARSE,
	PHASE_ANALYZE,
	PHASE_BIND,
	PHASE_PLAN,
	PHASE_EXECUTE,
	PHASE_COMMIT,
	PHASES = PHASE_COMMIT,
};

/* Sums of a query: the kernel's counters, BufferUsage's blocks, I/O times, WAL, phases. */
#define SUM_BLOCKS	   KERNEL_COUNTERS
#define SUM_BLOCK_READ_NS  (SUM_BLOCKS + BUFFER_BLOCKS)
#define SUM_BLOCK_WRITE_NS (SUM_BLOCK_READ_NS + 1)
#define SUM_WAL		   (SUM_BLOCK_WRITE_NS + 1)
#define SUM_PHASES	   (SUM_WAL + WAL_FIELDS)
#define SUMS		   (SUM_PHASES + PHASES)

struct sums {
	unsigned long long value[SUMS];
};

enum loss {
	LOSS_RATE_FAILED, /* statements that would have become records, by reason */
	LOSS_RATE_SLOW,
	LOSS_RATE_TRACED,
	LOSS_RATE_SAMPLED,
	LOSS_RECORDS_RING_FULL,
	LOSS_QUERY_TEXTS_RING_FULL,
	LOSS_QUERIES_OVERFLOW,
	LOSS_TEXT_UNREADABLE,
	LOSS_TEXT_TRUNCATED,
	LOSS_TEXT_ENDS_UNREAD,
	LOSS_SCRATCH_BUSY,
	LOSS_COUNTERS_UNREADABLE,
	LOSS_BACKENDS_UNTAGGED,
	LOSS_PORTALS_UNREADABLE,
	LOSS_CONTEXT_PORTALS_UNREADABLE,
	LOSS_WAITS_OVERFLOW,
	LOSS_WAITS_FURTHER,
	LOSS_LONG_WAITS,
	LOSS_SWITCHES_UNSEEN,
	LOSS_LOCKS_UNINSPECTED,
	LOSS_IO_OVERFLOW,
	LOSS_NESTED_UNTOLD,
	LOSSES,
};

enum capture_reason {
	CAPTURE_NONE,
	CAPTURE_FAILED,
	CAPTURE_SLOW,
	CAPTURE_TRACED,
	CAPTURE_SAMPLED,
};

/* How much is captured. */
enum level {
	LEVEL_WAITS,
	LEVEL_STATEMENTS,
	LEVEL_PHASES,
};

enum settings_flag {
	SETTING_ERRORS = 1 << 0,
	SETTING_SLOW = 1 << 1,
	SETTING_SQLCOMMENT = 1 << 2,
	SETTING_APPLICATION_NAME = 1 << 3,
	SETTING_RAW_TEXT = 1 << 4,
};

struct query_key {
	unsigned int target;
	unsigned int database_oid;
	unsigned int user_oid;
	unsigned int shard;
	unsigned long long fingerprint;
};

struct query_value {
	unsigned long long calls;
	unsigned long long errors;
	unsigned long long rows;
	unsigned long long duration_ns;
	struct sums sums;
	unsigned int buckets[HISTOGRAM_BUCKETS];
};

/* One wait event among the waits of a statement. */
struct wait_slot {
	unsigned int event; /* PostgreSQL's wait_event_info, or WAIT_… */
	unsigned int count; /* 0: the slot and all behind it are free */
	unsigned long long ns;
};

struct long_wait {
	unsigned long long begin_ns;
	unsigned long long ns;
	unsigned int event;
	unsigned int unused;
};

/* What a statement, or a process since its last boundary, has waited for. */
struct waits {
	struct wait_slot slots[WAIT_SLOTS];
	struct long_wait long_waits[LONG_WAITS]; /* the first ones that were long enough */
	unsigned int long_count;
	unsigned int long_untold; /* further ones */
};

/* The phases of a statement, at level phases: when each began, and its time. */
struct phase_times {
	unsigned long long begin_ns[PHASES]; /* 0: it has not been in this one */
	unsigned long long ns[PHASES];
};

/* Statements of functions and triggers: all executions of one query below one other. */
struct nested_statement {
	unsigned long long fingerprint;
	unsigned long long begin_ns; /* of the first */
	unsigned long long end_ns;   /* of the last one that has ended; 0: none has */
	unsigned long long ns;	     /* of all that have ended */
	unsigned int calls;	     /* 0: a free place */
	unsigned short depth;
	unsigned short parent; /* place of the one that it is below; NESTED_MAX: of the statement itself */
};

struct nested {
	struct nested_statement statements[NESTED_MAX];
	unsigned int count;
	unsigned int untold; /* executions that found no place */
};

struct wait_key {
	unsigned int target;
	unsigned int database_oid;
	unsigned int user_oid;
	unsigned int event;
	unsigned long long fingerprint;
};

struct wait_value {
	unsigned long long count;
	unsigned long long ns;
};

/* What has been sent to user space, of a target: its slot is used again, its generation is not. */
struct fingerprint_key {
	unsigned int target;
	unsigned int generation;
	unsigned long long fingerprint;
};

struct identity_key {
	unsigned int target;
	unsigned int database_oid;
	unsigned int user_oid;
	unsigned int generation;
};

/* A statement's text, as the lexer saw it; offsets are bytes of the text. */
struct text_facts {
	unsigned long long fingerprint;
	unsigned int begin; /* of the statement's own part in a string of several */
	unsigned int end;
	unsigned int context;	/* behind the key `traceparent` in a comment; 0: none */
	unsigned int published; /* 1: user space has the text */
	unsigned int last;	/* 1: no other statement follows in the string */
};

#endif
