// SPDX-License-Identifier: Apache-2.0
/* The programs on the system calls that work on files. What this kernel does not allow of them takes nothing else away.
 */
#ifndef PGSCOPE_IO_LINKS_H
#define PGSCOPE_IO_LINKS_H

#include <stdbool.h>

#define MAX_IO_LINKS 18 /* begin and end of each system call */

struct bpf_link;
struct btf;
struct tracer_bpf;

/* By what the calls are seen. */
enum io_source {
	IO_SOURCE_NONE,
	IO_SOURCE_TRACEPOINTS, /* of all system calls of all processes: dearer */
	IO_SOURCE_FUNCTIONS,   /* begin and end of these calls' functions (fentry, fexit) */
};

extern const char *const io_source_names[];

struct io_links {
	enum io_source source;
	char missing[256]; /* a sentence on what cannot be told, and why; empty: all can */
	struct bpf_link *links[MAX_IO_LINKS];
	unsigned int count;
	unsigned int wanted; /* by how many targets, of tracepoints */
	bool always;	     /* tracepoints, whatever the targets' levels */
};

/* By trial: the kernel's type information alone does not tell. */
void io_links_choose(struct io_links *links, const struct btf *btf);
/* Before the load. */
void io_links_configure(const struct io_links *links, struct tracer_bpf *skel);
/* The kernel does not load the programs: the others are loaded without them. */
void io_links_refused(struct io_links *links, int code);
/* There is a target: all of them are attached, or none. Not tracepoints, which slow each process of the host. */
void io_links_attach(struct io_links *links, struct tracer_bpf *skel);
/* A target wants them even so, or no longer. */
void io_links_want(struct io_links *links, struct tracer_bpf *skel, bool wanted);
void io_links_detach(struct io_links *links);

#endif
