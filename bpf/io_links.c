// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "io_links.h"

#ifdef __x86_64__
#define TRIAL "__x64_sys_fdatasync"
#else
#define TRIAL "__arm64_sys_fdatasync"
#endif

const char *const io_source_names[] = {
	[IO_SOURCE_NONE] = "none",
	[IO_SOURCE_TRACEPOINTS] = "tracepoints",
	[IO_SOURCE_FUNCTIONS] = "functions",
};

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a program that does nothing can be attached to a system call's function. */
static bool can_attach(const struct btf *btf)
{
	const struct bpf_insn nothing[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	int function = btf__find_by_name_kind(btf, TRIAL, BTF_KIND_FUNC), program, link;
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY, .attach_btf_id = function);

	if (function <= 0)
		return false;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "pgscope_trial", "GPL", nothing, 2, &options);
	if (program < 0)
		return false;
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link >= 0)
		close(link);
	close(program);
	return link >= 0;
}

static void miss(struct io_links *links, const char *why)
{
	links->source = IO_SOURCE_NONE;
	snprintf(links->missing, sizeof(links->missing), "reads, writes and syncs of files are not counted: %s", why);
}

void io_links_choose(struct io_links *links, const struct btf *btf)
{
	const char *wanted = getenv("PGSCOPE_TRACER_IO"); /* to try on one kernel what others have */

	links->source = can_attach(btf) ? IO_SOURCE_FUNCTIONS
			: btf__find_by_name_kind(btf, "btf_trace_sys_enter", BTF_KIND_TYPEDEF) > 0
				? IO_SOURCE_TRACEPOINTS
				: IO_SOURCE_NONE;
	for (int i = IO_SOURCE_NONE; wanted && i < (int)links->source; i++)
		if (!strcmp(wanted, io_source_names[i]))
			links->source = i;
	links->always = wanted && !strcmp(wanted, io_source_names[IO_SOURCE_TRACEPOINTS]);
	if (links->source == IO_SOURCE_NONE)
		miss(links, wanted ? "PGSCOPE_TRACER_IO says so" : "this kernel has no hooks on system calls");
}

void io_links_configure(const struct io_links *links, struct tracer_bpf *skel)
{
	struct btf *btf = links->source == IO_SOURCE_FUNCTIONS ? btf__load_vmlinux_btf() : NULL;
	struct bpf_program *program;

	bpf_object__for_each_program(program, skel->obj)
	{
		const char *section = bpf_program__section_name(program);

		if (!begins_with(bpf_program__name(program), "io_"))
			continue;
		bpf_program__set_autoload(
			program,
			begins_with(section, "tp_btf/")
				? links->source == IO_SOURCE_TRACEPOINTS
				: btf && btf__find_by_name_kind(btf, strchr(section, '/') + 1, BTF_KIND_FUNC) > 0);
	}
	btf__free(btf);
}

void io_links_refused(struct io_links *links, int code)
{
	char why[128];

	snprintf(why, sizeof(why), "the kernel refuses programs on system calls (%s)", strerror(code));
	miss(links, why);
}

static int attach_all(struct io_links *links, struct tracer_bpf *skel, const char *section)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, skel->obj)
	{
		struct bpf_link *link;

		if (!begins_with(bpf_program__name(program), "io_") || !bpf_program__autoload(program) ||
		    !begins_with(bpf_program__section_name(program), section))
			continue;
		link = bpf_program__attach(program);
		if (!link)
			return errno;
		links->links[links->count++] = link;
	}
	return 0;
}

static void attach(struct io_links *links, struct tracer_bpf *skel)
{
	/* the ends first: a begin without its end would stand until the next call's */
	static const char *const sections[] = {"fexit/", "fentry/", "tp_btf/sys_exit", "tp_btf/sys_enter"};
	int code = 0;

	for (int i = 0; i < 4 && !code; i++)
		code = attach_all(links, skel, sections[i]);
	if (!code)
		return;
	io_links_detach(links);
	io_links_refused(links, code);
}

static bool is_dear(const struct io_links *links)
{
	return links->source == IO_SOURCE_TRACEPOINTS && !links->always;
}

void io_links_attach(struct io_links *links, struct tracer_bpf *skel)
{
	if (!is_dear(links))
		attach(links, skel);
}

void io_links_want(struct io_links *links, struct tracer_bpf *skel, bool wanted)
{
	links->wanted += wanted ? 1 : -1;
	if (!is_dear(links))
		return;
	if (!links->wanted)
		io_links_detach(links);
	else if (!links->count)
		attach(links, skel);
}

void io_links_detach(struct io_links *links)
{
	while (links->count)
		bpf_link__destroy(links->links[--links->count]);
}
