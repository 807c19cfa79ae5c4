// SPDX-License-Identifier: Apache-2.0
/* Where the fields of PostgreSQL's own structures are, and what its enumerations mean, by major
 * version (64-bit). */
#ifndef PGSCOPE_LAYOUT_H
#define PGSCOPE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_OLDEST_MAJOR 13
#define LAYOUT_NEWEST_MAJOR 18
#define LAYOUT_NONE	    UINT16_MAX /* this version has no such field */

enum io_time_unit { IO_TIME_TIMESPEC, IO_TIME_NANOSECONDS };

/* PgBackendStatus, behind MyBEEntry; offsets in bytes. */
struct backend_entry_layout {
	uint16_t size;		 /* up to the last field below, so that one read has them all */
	uint16_t changecount;	 /* int32 */
	uint16_t procpid;	 /* int32, as the server's PID namespace shows it */
	uint16_t backend_type;	 /* int32 */
	uint16_t xact_start;	 /* int64 µs of wall clock since 2000-01-01 */
	uint16_t activity_start; /* the same; 0 with track_activities = off */
	uint16_t state_start;	 /* the same */
	uint16_t database_oid;	 /* uint32 */
	uint16_t user_oid;	 /* uint32 */
	uint16_t client_address; /* struct sockaddr_storage */
	uint16_t state;		 /* int32, see backend_states */
	uint16_t application;	 /* char * */
	uint16_t activity;	 /* char *: the text while active */
	uint16_t query_id;	 /* uint64; LAYOUT_NONE before 14 */
};

/* BufferUsage; the ten block counters (int64) are shared hit, read, dirtied, written, local the
 * same, temp read, written @0–72. */
struct buffer_usage_layout {
	uint16_t size;
	uint16_t block_counters; /* 10 */
	enum io_time_unit time_unit;
	uint8_t time_count;	/* fields below that are used */
	uint16_t read_times[3]; /* offsets of the read times: shared (or all), local, temp;
				   LAYOUT_NONE */
	uint16_t write_times[3];
};

/* WalUsage: int64 records @0, int64 full-page images @8, uint64 bytes @16; 18 adds buffers_full. */
struct wal_usage_layout {
	uint16_t size;
	uint16_t records, full_page_images, bytes;
};

/* Port, behind MyProcPort. */
struct port_layout {
	uint16_t socket;	/* int32 file descriptor */
	uint16_t database_name; /* char * */
	uint16_t user_name;	/* char * */
	uint16_t application;	/* char *: from the startup packet, may be NULL */
};

/* PortalData, and the memory that portals lie in: the first block of their context, one after the other. */
struct portal_layout {
	uint16_t text;		  /* char *; NULL until Bind is done */
	uint16_t position;	  /* bool atStart, bool atEnd @1, uint64 portalPos @8, int64 creation_time @16 */
	uint16_t context_first;	  /* the first chunk of a memory context, from the context's address */
	uint16_t stride;	  /* from one portal to the next */
	bool chunk_knows_context; /* in front of each chunk is its context's address (until 15) */
};

/* BackendState of this version; -1: no such state. */
struct backend_states {
	int8_t idle, running, idle_in_transaction, fastpath, idle_in_aborted, disabled;
};

/* All of them, and their names as pg_stat_activity shows them. */
#define BACKEND_STATES 6
extern const char *const backend_state_names[BACKEND_STATES];
/* The place of this version's number of a state among the names; -1: it has none. */
int backend_state_index(const struct backend_states *states, int state);
const char *backend_state_name(const struct backend_states *states, int state); /* "unknown" if it has none */

/* BackendType of this version; -1: no such type. */
struct backend_types {
	int8_t client, autovacuum_launcher, autovacuum_worker, background_worker, wal_sender, io_worker;
	int8_t highest;
};

struct server_layout {
	int major;
	bool verified; /* false: a newer major, taken to be like the newest known one */
	struct backend_entry_layout backend_entry;
	struct buffer_usage_layout buffer_usage;
	struct wal_usage_layout wal_usage;
	struct port_layout port;
	struct portal_layout portal;
	struct backend_states states;
	struct backend_types types;
	uint16_t process_pid; /* int32, in PGPROC; 0: not known */
	int error_level;      /* elevel of ERROR; FATAL is one more */
};

/* The layout of a major version; NULL below LAYOUT_OLDEST_MAJOR. */
const struct server_layout *layout_of(int major, struct server_layout *out);

/* "autovacuum worker", as pg_stat_activity names the type; NULL if this version has no such number, or no name for it.
 */
const char *backend_type_name(int major, uint32_t type);

/* "SELECT", "CREATE TABLE"; NULL if this version has no such tag. Newer versions use the newest
 * known table. */
const char *command_tag_name(int major, uint32_t tag);
int command_tag_number(int major, const char *name); /* -1: none */

#endif
