// SPDX-License-Identifier: Apache-2.0
/* Targets: which servers are captured, with which settings. */
#ifndef PGSCOPE_TARGET_H
#define PGSCOPE_TARGET_H

#include "engine.h"
#include "links.h"
#include "server.h"

#define TARGET_NAME_MAX 64

/* As in docs/tracer-protocol.md. */
struct settings {
	enum level level;
	bool slow;
	uint64_t min_duration_ns;
	uint64_t min_wait_ns;
	unsigned int nested_depth;
	bool errors;
	double sample_ratio;
	bool sqlcomment;
	bool application_name;
	unsigned int max_per_second;
	bool raw_text;
};

struct attached_target {
	char name[TARGET_NAME_MAX]; /* empty: a free slot */
	unsigned int index;	    /* of the slot and of the kernel's map */
	int pidfd;		    /* of the postmaster: readable when it has ended */
	struct server server;
	struct executable_links *links; /* NULL at level waits, which hooks no function */
	bool wants_calls;		/* on files, even if that slows the host */
	bool uses[HOOK_GROUPS];		/* of them */
	bool message_end_added;
	bool prepared_added;
};

/* Attaches, and reports it (`attached`, or `refused`). NULL if refused. */
struct attached_target *target_attach(struct engine *engine, const char *name, int pid,
				      const struct settings *settings);
/* Changes the settings, and reports it (`settings`, or `refused`: all is as before). */
void target_set(struct engine *engine, struct attached_target *target, const struct settings *settings);
/* Nothing more is counted for the target; what has been can still be drained. */
void target_stop(struct engine *engine, const struct attached_target *target);
/* Takes away what a stopped target holds, and frees its slot. */
void target_detach(struct engine *engine, struct attached_target *target);

struct attached_target *target_find(const char *name);
/* The slot's target; NULL if it is free. */
struct attached_target *target_at(unsigned int index);
/* Tagged processes that are alive. */
unsigned int target_backends(const struct attached_target *target);

/* Looks for hooks that stay silent while statements run, replaces them and reports it; and back. */
void targets_watch_hooks(struct engine *engine);

/* Its functions or triggers run statements: the hooks that tell of these are attached, and reported. */
void target_function_called(struct engine *engine, struct attached_target *target);

void report_refused(const char *name, const struct error *err);

#endif
