// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * empty_uprobe EXECUTABLE OFFSET: attaches the empty program at that offset of the file, of all
 * processes, in the way the tracer attaches its hooks; writes "attached" and stays until stdin ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>

#include "empty_uprobe.skel.h"

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

/* NULL where the kernel has no uprobe.multi. */
static struct bpf_link *attach_multi(const char *executable, unsigned long offset)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, options, .offsets = &offset, .cnt = 1);
	struct empty_uprobe *skeleton = empty_uprobe__open();
	struct bpf_link *link = NULL;

	if (!skeleton)
		return NULL;
	bpf_program__set_autoload(skeleton->progs.empty_single, false);
	if (!empty_uprobe__load(skeleton))
		link = bpf_program__attach_uprobe_multi(skeleton->progs.empty_multi, -1, executable, NULL, &options);
	return link;
}

static struct bpf_link *attach_single(const char *executable, unsigned long offset)
{
	struct empty_uprobe *skeleton = empty_uprobe__open();
	struct bpf_link *link = NULL;

	if (!skeleton)
		return NULL;
	bpf_program__set_autoload(skeleton->progs.empty_multi, false);
	if (!empty_uprobe__load(skeleton))
		link = bpf_program__attach_uprobe(skeleton->progs.empty_single, false, -1, executable, offset);
	return link;
}

/* The skeletons live as long as the process: it ends with its links. */
int main(int argc, char **argv)
{
	unsigned long offset;

	if (argc != 3 || !(offset = strtoul(argv[2], NULL, 0))) {
		fprintf(stderr, "usage: %s EXECUTABLE OFFSET\n", argv[0]);
		return 2;
	}
	libbpf_set_print(silent);
	if (!attach_multi(argv[1], offset) && !attach_single(argv[1], offset)) {
		fprintf(stderr, "empty_uprobe: cannot attach to %s+%#lx: %s\n", argv[1], offset, strerror(errno));
		return 1;
	}
	puts("attached");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
