// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "backend.h"
#include "engine.h"
#include "output.h"
#include "target_layout.h"

#define OLDEST_KERNEL_MAJOR   6
#define OLDEST_KERNEL_MINOR   1
#define MAX_SHARDS	      16
#define QUERIES_PER_SHARD     2048 /* × 16 shards × 1.2 KB = 39 MB on the largest hosts */
#define MIN_QUERY_ENTRIES     8192
#define SCRATCH_SLOTS_PER_CPU 4

static char last_load_message[256];

const char *const socket_source_names[] = {
	[SOCKETS_COUNTERS] = "counters",
	[SOCKETS_FUNCTIONS] = "functions",
	[SOCKETS_TRACEPOINTS] = "tracepoints",
};

/* libbpf's own messages: warnings are kept for our sentence, and shown with PGSCOPE_TRACER_DEBUG
 * set. */
static int on_libbpf_message(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (getenv("PGSCOPE_TRACER_DEBUG"))
		return vfprintf(stderr, fmt, args);
	if (level == LIBBPF_WARN && !last_load_message[0])
		vsnprintf(last_load_message, sizeof(last_load_message), fmt, args);
	return 0;
}

static int check_kernel(struct engine *engine, struct error *err)
{
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	snprintf(engine->kernel, sizeof(engine->kernel), "%s", name.release);
	sscanf(name.release, "%d.%d", &major, &minor);
	if (major < OLDEST_KERNEL_MAJOR || (major == OLDEST_KERNEL_MAJOR && minor < OLDEST_KERNEL_MINOR))
		return error_set(err, "UnsupportedKernel",
				 "Linux %s is too old: pgscope needs 6.1 or newer; use a newer kernel", name.release);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return error_set(err, "UnsupportedKernel",
				 "this kernel (%s) has no type information "
				 "(/sys/kernel/btf/vmlinux cannot be read: %s); "
				 "pgscope needs a kernel built with CONFIG_DEBUG_INFO_BTF, as "
				 "those of the distributions are",
				 name.release, strerror(errno));
	return 0;
}

static bool has_all(const struct btf *btf, const char *const *names, unsigned int count, unsigned int kind)
{
	for (unsigned int i = 0; i < count; i++)
		if (btf__find_by_name_kind(btf, names[i], kind) <= 0)
			return false;
	return true;
}

static enum socket_source socket_source_of(const struct btf *btf)
{
	static const char *const tracepoints[] = {"btf_trace_sock_send_length", "btf_trace_sock_recv_length"};
	static const char *const functions[] = {"tcp_sendmsg", "tcp_recvmsg", "unix_stream_sendmsg",
						"unix_stream_recvmsg"};
	const char *wanted = getenv("PGSCOPE_TRACER_SOCKETS"); /* to try on a newer kernel what older ones have */
	enum socket_source best = SOCKETS_TRACEPOINTS;

	for (int i = SOCKETS_COUNTERS; wanted && i < SOCKETS_TRACEPOINTS; i++)
		if (!strcmp(wanted, socket_source_names[i]))
			best = i;
	if (best == SOCKETS_TRACEPOINTS && has_all(btf, tracepoints, 2, BTF_KIND_TYPEDEF))
		return SOCKETS_TRACEPOINTS;
#ifdef __x86_64__ /* arm64 attaches to functions only when it has the tracepoints as well */
	if (best >= SOCKETS_FUNCTIONS && has_all(btf, functions, 4, BTF_KIND_FUNC))
		return SOCKETS_FUNCTIONS;
#endif
	return SOCKETS_COUNTERS;
}

/* What the kernel has is asked of its own type information, as version numbers do not tell of
 * backports. */
static void detect_features(struct engine *engine)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return;
	engine->sockets = socket_source_of(btf);
	engine->uprobe_multi = btf__find_by_name_kind(btf, "bpf_uprobe_multi_link", BTF_KIND_STRUCT) > 0;
	io_links_choose(&engine->io, btf);
	btf__free(btf);
	if (getenv("PGSCOPE_TRACER_NO_UPROBE_MULTI"))
		engine->uprobe_multi = false;
}

static unsigned int power_of_two(unsigned int at_most)
{
	unsigned int n = 1;

	while (n * 2 <= at_most)
		n *= 2;
	return n;
}

static void configure(struct engine *engine)
{
	struct tracer_bpf *skel = engine->skel;
	unsigned int cpus = libbpf_num_possible_cpus();
	struct bpf_program *program;

	engine->shards = power_of_two(cpus < MAX_SHARDS ? cpus : MAX_SHARDS);
	engine->query_entries = engine->shards * QUERIES_PER_SHARD;
	if (engine->query_entries < MIN_QUERY_ENTRIES)
		engine->query_entries = MIN_QUERY_ENTRIES;
	skel->rodata->shard_mask = engine->shards - 1;
	skel->rodata->sees_sockets = engine->sockets != SOCKETS_COUNTERS;
	lexer_words_fill((struct lexer_words *)&skel->rodata->words);
	bpf_map__set_max_entries(skel->maps.queries, engine->query_entries);
	bpf_map__set_max_entries(skel->maps.overflow_queries, MAX_TARGETS * engine->shards);
	bpf_map__set_max_entries(skel->maps.scratches, cpus * SCRATCH_SLOTS_PER_CPU);
	bpf_program__set_autoload(skel->progs.sock_send_length, engine->sockets == SOCKETS_TRACEPOINTS);
	bpf_program__set_autoload(skel->progs.sock_recv_length, engine->sockets == SOCKETS_TRACEPOINTS);
	bpf_program__set_autoload(skel->progs.tcp_sent, engine->sockets == SOCKETS_FUNCTIONS);
	bpf_program__set_autoload(skel->progs.tcp_received, engine->sockets == SOCKETS_FUNCTIONS);
	bpf_program__set_autoload(skel->progs.unix_sent, engine->sockets == SOCKETS_FUNCTIONS);
	bpf_program__set_autoload(skel->progs.unix_received, engine->sockets == SOCKETS_FUNCTIONS);
	io_links_configure(&engine->io, skel);
	if (engine->uprobe_multi)
		return;
	bpf_object__for_each_program(program, skel->obj) if (bpf_program__type(program) == BPF_PROG_TYPE_KPROBE)
		bpf_program__set_expected_attach_type(program, 0);
}

static int check_sizes(const struct tracer_bpf *skel, struct error *err)
{
	if (bpf_map__value_size(skel->maps.backends) != sizeof(struct backend) ||
	    bpf_map__value_size(skel->maps.targets) != sizeof(struct target) ||
	    bpf_map__value_size(skel->maps.target_counts) != sizeof(struct target_counts) ||
	    bpf_map__key_size(skel->maps.waits) != sizeof(struct wait_key) ||
	    bpf_map__value_size(skel->maps.waits) != sizeof(struct wait_value) ||
	    bpf_map__key_size(skel->maps.queries) != sizeof(struct query_key) ||
	    bpf_map__value_size(skel->maps.queries) != sizeof(struct query_value) ||
	    bpf_map__value_size(skel->maps.overflow_queries) != sizeof(struct query_value) ||
	    bpf_map__key_size(skel->maps.io) != sizeof(struct io_key) ||
	    bpf_map__value_size(skel->maps.io) != sizeof(struct io_value))
		return error_set(err, "Broken",
				 "the tracer and its BPF programs disagree on a layout; build both again");
	return 0;
}

static int load_error(int code, struct error *err)
{
	if (code == -EPERM || code == -EACCES)
		return error_set(err, "NotPermitted",
				 "the kernel refused the BPF programs (%s): run as root, or with "
				 "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH and without a seccomp "
				 "filter or lockdown that "
				 "forbids bpf(). %s",
				 strerror(-code), last_load_message);
	return error_set(err, "LoadFailed", "the BPF programs could not be loaded (%s): %s", strerror(-code),
			 last_load_message[0] ? last_load_message : "set PGSCOPE_TRACER_DEBUG=1 to see why");
}

static int load(struct engine *engine)
{
	int code;

	last_load_message[0] = '\0';
	engine->skel = tracer_bpf__open();
	if (!engine->skel)
		return -errno;
	configure(engine);
	code = tracer_bpf__load(engine->skel);
	if (code) {
		tracer_bpf__destroy(engine->skel);
		engine->skel = NULL;
	}
	return code;
}

int engine_open(struct engine *engine, struct error *err)
{
	int code;

	libbpf_set_print(on_libbpf_message);
	if (check_kernel(engine, err))
		return -1;
	detect_features(engine);
	code = load(engine);
	/* a kernel without hooks on functions; where there are some, others are to blame first */
	if (code && engine->sockets == SOCKETS_FUNCTIONS && engine->io.source != IO_SOURCE_FUNCTIONS) {
		engine->sockets = SOCKETS_COUNTERS;
		code = load(engine);
	}
	if (code && engine->io.source != IO_SOURCE_NONE) {
		io_links_refused(&engine->io, -code); /* `missing` of each target says it */
		code = load(engine);
	}
	if (code && engine->sockets == SOCKETS_FUNCTIONS) {
		engine->sockets = SOCKETS_COUNTERS;
		code = load(engine);
	}
	if (code)
		return load_error(code, err);
	engine_sync_clock(engine);
	return check_sizes(engine->skel, err);
}

void engine_close(struct engine *engine)
{
	while (engine->users)
		engine_release(engine);
	tracer_bpf__destroy(engine->skel);
}

/* Nothing has been seen since the programs were attached last. */
static void forget_clock(struct engine *engine)
{
	struct bpf_map *map = engine->skel->maps.last_switches;
	void *nothing = calloc(libbpf_num_possible_cpus(), bpf_map__value_size(map));
	unsigned int zero = 0;

	if (nothing)
		bpf_map_update_elem(bpf_map__fd(map), &zero, nothing, BPF_ANY);
	free(nothing);
	engine->skel->bss->scheduler_clock_offset_ns = 0;
	engine->skel->data->scheduler_clock_stale = 1;
}

int engine_use(struct engine *engine, struct error *err)
{
	struct tracer_bpf *skel = engine->skel;
	struct bpf_program *programs[] = {
		skel->progs.sched_process_fork, skel->progs.sched_process_exec, skel->progs.sched_process_exit,
		skel->progs.sched_switch,	skel->progs.signal_deliver,	skel->progs.sock_send_length,
		skel->progs.sock_recv_length,	skel->progs.tcp_sent,		skel->progs.tcp_received,
		skel->progs.unix_sent,		skel->progs.unix_received,
	};

	if (engine->users++)
		return 0;
	forget_clock(engine);
	for (unsigned int i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (!bpf_program__autoload(programs[i]))
			continue;
		engine->system_links[i] = bpf_program__attach(programs[i]);
		if (engine->system_links[i])
			continue;
		error_set(err, "AttachFailed", "the program %s cannot be attached: %s", bpf_program__name(programs[i]),
			  strerror(errno));
		engine_release(engine);
		return -1;
	}
	io_links_attach(&engine->io, skel);
	return 0;
}

void engine_release(struct engine *engine)
{
	if (--engine->users)
		return;
	for (int i = 0; i < MAX_SYSTEM_LINKS; i++) {
		bpf_link__destroy(engine->system_links[i]);
		engine->system_links[i] = NULL;
	}
	io_links_detach(&engine->io);
}
