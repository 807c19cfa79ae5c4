// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <time.h>

#include "counters.h"
#include "drain.h"
#include "drained.h"
#include "locks.h"
#include "output.h"
#include "sessions.h"
#include "target.h"

static void output_bpf_time(struct engine *engine)
{
	struct bpf_program *program;
	uint64_t time = 0, count = 0;

	bpf_object__for_each_program(program, engine->skel->obj)
	{
		struct bpf_prog_info info = {};
		uint32_t size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd < 0 || bpf_prog_get_info_by_fd(fd, &info, &size))
			continue;
		time += info.run_time_ns;
		count += info.run_cnt;
	}
	output_object("bpf");
	output_number("runTimeNs", time);
	output_number("runCount", count);
	output_object_end();
}

void report_drained(struct engine *engine, const char *token, bool locks)
{
	unsigned int untold[MAX_TARGETS] = {};
	struct timespec now;

	for (unsigned int i = 0; locks && i < MAX_TARGETS; i++)
		if (target_at(i))
			untold[i] = lock_waits_report(target_at(i));
	clock_gettime(CLOCK_REALTIME, &now);
	output_begin("drained");
	if (token)
		output_string("token", token);
	output_decimal("unixNano", (uint64_t)now.tv_sec * 1000000000ULL + now.tv_nsec);
	output_array("targets");
	for (unsigned int i = 0; i < MAX_TARGETS; i++) {
		const struct attached_target *target = target_at(i);

		if (!target)
			continue;
		output_object(NULL);
		output_string("target", target->name);
		output_number("pid", target->server.pid);
		output_number("backends", target_backends(target));
		output_sessions(engine, target);
		output_counter("lockWaitsUntold", untold[i]);
		output_object_end();
	}
	output_array_end();
	output_object("losses");
	output_losses(engine);
	output_number("drainsUnread", drain_unread());
	output_object_end();
	output_bpf_time(engine);
	output_end();
}
