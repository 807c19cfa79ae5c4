// SPDX-License-Identifier: Apache-2.0
/* The loaded BPF object and what this kernel offers it. */
#ifndef PGSCOPE_ENGINE_H
#define PGSCOPE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "io_links.h"

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
#include "lexer.h"
#include "tracer.h"
#include "tracer.skel.h"

#define MAX_SYSTEM_LINKS 11

/* By what the sends and receives of the client's socket are seen. */
enum socket_source {
	SOCKETS_COUNTERS,    /* not one by one: only TCP's own counts are read */
	SOCKETS_FUNCTIONS,   /* the returns of TCP's and Unix sockets' functions */
	SOCKETS_TRACEPOINTS, /* Linux 6.3 */
};

extern const char *const socket_source_names[];

struct engine {
	struct tracer_bpf *skel;
	char kernel[96];
	bool uprobe_multi; /* Linux 6.6 */
	enum socket_source sockets;
	unsigned int shards; /* sums per query, so that CPUs do not wait for each other */
	unsigned int query_entries;
	struct bpf_link *system_links[MAX_SYSTEM_LINKS];
	unsigned int users; /* targets that need the system-wide programs */
	struct io_links io;
};

/* Loads the programs; nothing is attached yet. -1: err says why this kernel or these rights do not
 * do. */
int engine_open(struct engine *engine, struct error *err);
void engine_close(struct engine *engine);

/* The programs on the scheduler, processes and sockets are attached while there is a target. */
int engine_use(struct engine *engine, struct error *err);
void engine_release(struct engine *engine);

/* Measures wall clock minus monotonic clock and tells the programs; returns it, ns. */
uint64_t engine_sync_clock(struct engine *engine);

#endif
