// SPDX-License-Identifier: Apache-2.0
/* One PostgreSQL server, found by its postmaster's PID: what it is, where its hooks and variables
 * are. Reads only. */
#ifndef PGSCOPE_SERVER_H
#define PGSCOPE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "errorstack.h"
#include "instruction.h"
#include "layout.h"
#include "portal.h"

#define SERVER_MAX_CHILDREN 65536 /* processes of one server that are looked at */
#define SERVER_MAX_MISSING  24	  /* 23 are possible */

enum server_function {
	FUNCTION_END_COMMAND,
	FUNCTION_READY_FOR_QUERY,
	FUNCTION_EMIT_ERROR_REPORT,
	FUNCTION_ABORT_CURRENT_TRANSACTION,
	FUNCTION_INSTR_END_PARALLEL_QUERY,
	FUNCTION_PORTAL_RUN,
	FUNCTION_REPORT_APPNAME,
	FUNCTION_STORE_PREPARED_STATEMENT,
	FUNCTION_PROC_SLEEP,
	FUNCTION_PARSE_ANALYZE, /* its name is another one since PostgreSQL 15 */
	FUNCTION_PARSE_ANALYZE_VARPARAMS,
	FUNCTION_PLANNER,
	FUNCTION_PORTAL_START,
	FUNCTION_COMMIT,
	FUNCTION_EXECUTOR_START,
	FUNCTION_EXECUTOR_END,
	FUNCTION_SPI_CONNECT,
	FUNCTION_SPI_CONNECT_EXT,
	FUNCTION_SQL_FUNCTION,
	FUNCTION_COUNT,
};

enum server_variable {
	VARIABLE_DEBUG_QUERY_STRING,
	VARIABLE_BUFFER_USAGE,
	VARIABLE_WAL_USAGE,
	VARIABLE_PORT,		  /* MyProcPort, a pointer */
	VARIABLE_BACKEND_ENTRY,	  /* MyBEEntry, a pointer */
	VARIABLE_WAIT_EVENT_INFO, /* my_wait_event_info, a pointer */
	VARIABLE_PROC_PID,
	VARIABLE_BACKEND_TYPE,
	VARIABLE_WHERE_TO_SEND_OUTPUT,
	VARIABLE_MESSAGE_CONTEXT, /* MessageContext, a pointer */
	VARIABLE_PROCESS,	  /* MyProc, a pointer */
	VARIABLE_PARALLEL_WORKER, /* ParallelWorkerNumber, -1 in all other processes */
	VARIABLE_COUNT,
};

struct function_site {
	const char *name;	/* PostgreSQL's name, never NULL */
	bool present;		/* all below is 0 if not */
	uint64_t file_offset;	/* of the function */
	uint64_t attach_offset; /* where a probe goes: file_offset + instruction.skip */
	uint64_t size;
	struct instruction instruction;
};

struct variable_site {
	const char *name;
	uint64_t address; /* in the memory of the postmaster and of every backend; 0: absent */
	uint64_t size;
};

struct server {
	int pid;	   /* of the postmaster, as this process sees PIDs */
	int namespace_pid; /* as PostgreSQL sees and shows it */
	int executable_fd; /* open as long as the struct; attach through /proc/self/fd/N */
	dev_t device;	   /* of the executable, as fstat tells */
	ino_t inode;
	char executable[512];	 /* path inside the server's mount namespace, for people */
	bool executable_deleted; /* replaced on disk since the server's start */
	char version[32];	 /* "15.18", "19beta1" */
	int major;
	uint64_t load_bias; /* run-time address = virtual address in the file + bias */
	struct server_layout layout;
	struct function_site functions[FUNCTION_COUNT];
	struct portal_site portal_suspended;
	struct variable_site variables[VARIABLE_COUNT];
	uint64_t statement_start;	/* stmtStartTimestamp, int64 µs since 2000-01-01; 0: not found */
	bool has_error_stack;		/* false: SQLSTATEs are unknown; `missing` says why */
	struct error_stack error_stack; /* run-time addresses */
	unsigned int missing_count;	/* what this server cannot tell, one sentence each */
	char missing[SERVER_MAX_MISSING][256];
};

/*
 * Looks at the process `pid`. 0: *out is filled, release it with server_close(). -1: err says why
 * not: NoSuchProcess, NotPostmaster, UnsupportedVersion, MissingSymbols, ImplausibleLayout. Needs
 * the right to ptrace the process (root).
 */
int server_inspect(int pid, struct server *out, struct error *err);
void server_close(struct server *server);

/* PIDs of the postmaster's present children; returns how many there are, which can be more than
 * `max` (then cut off). */
int server_backends(int pid, int *pids, int max);

/* The same, about, and how many they are: cheap enough for every drain, but one that ends meanwhile may
 * hide another. */
int server_children(int pid, int *pids, int max);
int server_backend_count(int pid);

/*
 * Reads one live backend's memory and checks that the layout makes sense of it. 1: it does. 0:
 * cannot tell, as the process is just starting, ending, or has no such entry. -1: implausible (err:
 * ImplausibleLayout, names field and value).
 */
int server_check_backend(const struct server *server, int pid, struct error *err);

/* The same for all of them. 0, or -1 (err: ImplausibleLayout): one is implausible, or no backend
 * confirms an unverified layout. */
int server_check_backends(const struct server *server, const int *pids, int count, struct error *err);

#endif
