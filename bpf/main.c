// SPDX-License-Identifier: Apache-2.0
/* The tracer: commands in on stdin, events out on stdout, and the end of stdin is its end.
 * docs/tracer-protocol.md. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "commands.h"
#include "drain.h"
#include "drained.h"
#include "engine.h"
#include "events.h"
#include "lines.h"
#include "output.h"
#include "target.h"

#define EXIT_UNSUPPORTED 3 /* this kernel, or these rights, do not do */
#define MAX_READY	 16
#define DETACH_DRAINS	 3 /* tries */

enum source { SOURCE_STDIN, SOURCE_EVENTS, SOURCE_TIMER, SOURCE_TARGET };

struct tracer {
	struct engine engine;
	struct ring_buffer *events;
	int epoll;
	int timer;
	struct lines lines;
};

static int watch(struct tracer *tracer, int fd, enum source source, uint32_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)source << 32 | index};

	return epoll_ctl(tracer->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void report_detached(const char *name, const char *reason)
{
	output_begin("detached");
	output_string("target", name);
	output_string("reason", reason);
	output_end();
}

static void detach(struct tracer *tracer, struct attached_target *target, const char *reason)
{
	char name[TARGET_NAME_MAX];

	memcpy(name, target->name, sizeof(name));
	epoll_ctl(tracer->epoll, EPOLL_CTL_DEL, target->pidfd, NULL);
	target_stop(&tracer->engine, target);
	/* no other drain comes after this one */
	for (int i = 0; i < DETACH_DRAINS && !drain(&tracer->engine, tracer->events, target); i++)
		;
	drain_forget(&tracer->engine, target->index);
	target_detach(&tracer->engine, target);
	report_detached(name, reason);
}

static void attach(struct tracer *tracer, const struct command *command)
{
	struct attached_target *target = target_find(command->target);
	struct error err;

	if (target) {
		error_set(&err, "DuplicateTarget", "a target named %s is attached already; detach it first",
			  command->target);
		report_refused(command->target, &err);
		return;
	}
	target = target_attach(&tracer->engine, command->target, command->pid, &command->settings);
	if (target)
		watch(tracer, target->pidfd, SOURCE_TARGET, target->index);
}

static void run(struct tracer *tracer, const struct command *command)
{
	struct attached_target *target;
	struct error err;

	if (command->kind == COMMAND_DRAIN) {
		engine_sync_clock(&tracer->engine);
		drain(&tracer->engine, tracer->events, NULL);
		report_drained(&tracer->engine, command->token[0] ? command->token : NULL, command->locks);
		return;
	}
	if (command->kind == COMMAND_ATTACH) {
		attach(tracer, command);
		return;
	}
	target = target_find(command->target);
	if (!target) {
		error_set(&err, "UnknownTarget", "no target named %s is attached", command->target);
		report_refused(command->target, &err);
	} else if (command->kind == COMMAND_SETTINGS) {
		target_set(&tracer->engine, target, &command->settings);
	} else {
		detach(tracer, target, "Requested");
	}
}

static void run_line(void *context, const char *line, size_t length)
{
	struct command command = {};
	struct error err;
	int code;

	if (line && length == 0)
		return;
	code = line ? command_parse(line, length, &command, &err)
		    : error_set(&err, "BadCommand", "a command is longer than %d bytes", LINE_MAX_BYTES);
	if (code)
		report_refused(command.target, &err);
	else
		run(context, &command);
}

/* Runs the whole lines that have come; false at the end of stdin. */
static bool read_commands(struct tracer *tracer)
{
	size_t size;
	char *room = lines_room(&tracer->lines, &size);
	ssize_t got = read(STDIN_FILENO, room, size);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0)
		return false;
	lines_take(&tracer->lines, got, run_line, tracer);
	return true;
}

static void on_timer(struct tracer *tracer)
{
	uint64_t expirations;

	if (read(tracer->timer, &expirations, sizeof(expirations)) < 0)
		return;
	engine_sync_clock(&tracer->engine);
	targets_watch_hooks(&tracer->engine);
}

/* One round; false when it is over. */
static bool serve(struct tracer *tracer)
{
	struct epoll_event ready[MAX_READY];
	int count = epoll_wait(tracer->epoll, ready, MAX_READY, -1);
	bool more = count >= 0 || errno == EINTR;

	for (int i = 0; i < count && more; i++) {
		struct attached_target *target;

		switch ((enum source)(ready[i].data.u64 >> 32)) {
		case SOURCE_STDIN:
			more = read_commands(tracer);
			break;
		case SOURCE_EVENTS:
			ring_buffer__consume(tracer->events);
			break;
		case SOURCE_TIMER:
			on_timer(tracer);
			break;
		case SOURCE_TARGET:
			target = target_at(ready[i].data.u64 & UINT32_MAX);
			if (target)
				detach(tracer, target, "Exited");
			break;
		}
	}
	return more;
}

static void report_ready(const struct engine *engine)
{
	output_begin("ready");
	output_string("kernel", engine->kernel);
	output_object("features");
	output_bool("uprobeMulti", engine->uprobe_multi);
	output_string("sockets", socket_source_names[engine->sockets]);
	output_string("io", io_source_names[engine->io.source]);
	output_object_end();
	output_object("limits");
	output_number("targets", MAX_TARGETS);
	output_number("queries", engine->query_entries / engine->shards);
	output_number("textBytes", TEXT_MAX - 1);
	output_number("ringBytes", bpf_map__max_entries(engine->skel->maps.events));
	output_object_end();
	output_end();
}

static int start(struct tracer *tracer)
{
	struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
	struct error err = {};

	if (engine_open(&tracer->engine, &err)) {
		log_line("pgscope-tracer: %s", err.message);
		return EXIT_UNSUPPORTED;
	}
	tracer->events = events_open(&tracer->engine);
	tracer->epoll = epoll_create1(EPOLL_CLOEXEC);
	tracer->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!tracer->events || tracer->epoll < 0 || tracer->timer < 0 ||
	    timerfd_settime(tracer->timer, 0, &second, NULL) || watch(tracer, STDIN_FILENO, SOURCE_STDIN, 0) ||
	    watch(tracer, ring_buffer__epoll_fd(tracer->events), SOURCE_EVENTS, 0) ||
	    watch(tracer, tracer->timer, SOURCE_TIMER, 0)) {
		log_line("pgscope-tracer: cannot start: %s%s", strerror(errno),
			 errno == EPERM ? " (stdin must be a pipe or a terminal, not a file)" : "");
		return EXIT_FAILURE;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct tracer tracer;
	static char buffer[1 << 16];
	int code;

	(void)argv;
	if (argc > 1) {
		log_line("pgscope-tracer takes no arguments: commands come on stdin, as "
			 "docs/tracer-protocol.md tells");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* who closes our stdout closes our stdin too */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	code = start(&tracer);
	if (code)
		return code;
	report_ready(&tracer.engine);
	while (!ferror(stdout) && serve(&tracer))
		;
	ring_buffer__free(tracer.events);
	engine_close(&tracer.engine);
	return 0;
}
