// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "level.h"
#include "locks.h"
#include "output.h"
#include "sessions.h"
#include "tag.h"
#include "target.h"
#include "target_value.h"
#include "works.h"

static struct attached_target all[MAX_TARGETS];
static unsigned int next_generation = 1;

struct attached_target *target_find(const char *name)
{
	for (int i = 0; i < MAX_TARGETS; i++)
		if (all[i].name[0] && strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

struct attached_target *target_at(unsigned int index)
{
	return index < MAX_TARGETS && all[index].name[0] ? &all[index] : NULL;
}

void report_refused(const char *name, const struct error *err)
{
	output_begin("refused");
	output_string("target", name);
	output_string("reason", err->reason);
	output_string("message", err->message);
	output_end();
}

void target_set(struct engine *engine, struct attached_target *target, const struct settings *settings)
{
	int map = bpf_map__fd(engine->skel->maps.targets);
	struct target value;
	struct error err;

	if (bpf_map_lookup_elem(map, &target->index, &value))
		return;
	if (level_follow(engine, target, settings, &err)) {
		report_refused(target->name, &err);
		return;
	}
	value.link = target->links ? target->links->cookie : 0;
	value.functions_unseen = target->uses[HOOKS_BEFORE_NESTED];
	target_value_set(&value, settings);
	bpf_map_update_elem(map, &target->index, &value, BPF_ANY);
	output_begin("settings");
	output_string("target", target->name);
	output_end();
}

/* What the slot's last owner has left in its overflow series. */
static int empty_overflow_series(struct engine *engine, unsigned int index)
{
	static const struct query_value empty;
	static const struct wait_value no_waits;

	for (unsigned int shard = 0; shard < engine->shards; shard++) {
		uint32_t key = index * engine->shards + shard;

		if (bpf_map_update_elem(bpf_map__fd(engine->skel->maps.overflow_queries), &key, &empty, BPF_ANY))
			return -1;
	}
	for (unsigned int class = 0; class < WAIT_CLASSES; class ++) {
		uint32_t key = index * WAIT_CLASSES + class;

		if (bpf_map_update_elem(bpf_map__fd(engine->skel->maps.overflow_waits), &key, &no_waits, BPF_ANY))
			return -1;
	}
	return io_empty_overflow(engine, index);
}

static struct attached_target *free_slot(void)
{
	/* the slot that was free for longest: events of its last owner are over */
	static unsigned int next;

	for (unsigned int i = 0; i < MAX_TARGETS; i++) {
		unsigned int index = (next + i) % MAX_TARGETS;

		if (all[index].name[0])
			continue;
		next = index + 1;
		memset(&all[index], 0, sizeof(all[index]));
		all[index].index = index;
		return &all[index];
	}
	return NULL;
}

static void report_hook(const struct engine *engine, const struct attached_target *target, enum hook hook)
{
	const struct executable_links *links = target->links;
	bool silent = (hook == HOOK_STATEMENT && links->statement_trust == HOOK_REPLACED) ||
		      (hook == HOOK_ERROR && links->error_trust == HOOK_REPLACED);
	struct function_site site;

	hook_site(&target->server, hook, &site);
	output_object(NULL);
	output_string("name", site.present && site.name ? site.name : hook_function(hook));
	output_string("role", hook_role(hook));
	output_string("state", silent		       ? "silent"
			       : links->links[hook][0] ? "attached"
			       : site.present	       ? "failed"
						       : "missing");
	if (links->links[hook][0]) {
		char offset[32];

		snprintf(offset, sizeof(offset), "0x%llx", (unsigned long long)site.attach_offset);
		output_string("via", engine->uprobe_multi ? "uprobe.multi" : "uprobe");
		output_string("offset", offset);
		output_string("instruction", site.instruction.mnemonic);
		output_bool("cheap", site.instruction.cheap);
	} else if (links->failure[hook][0]) {
		output_string("message", links->failure[hook]);
	}
	output_object_end();
}

static void report_attached(const struct engine *engine, const struct attached_target *target, unsigned int backends)
{
	const struct server *server = &target->server;

	output_begin("attached");
	output_string("target", target->name);
	output_number("pid", server->pid);
	output_string("version", server->version);
	output_number("major", server->major);
	output_bool("verified", server->layout.verified);
	output_number("backends", backends);
	output_string("executable", server->executable);
	output_array("hooks");
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		if (target->links && hook != HOOK_STATEMENT_WITNESS &&
		    (target->links->links[hook][0] || target->links->failure[hook][0]))
			report_hook(engine, target, hook);
	output_array_end();
	output_array("missing");
	for (unsigned int i = 0; i < server->missing_count; i++)
		output_string(NULL, server->missing[i]);
	if (engine->io.missing[0])
		output_string(NULL, engine->io.missing);
	output_array_end();
	output_end();
}

/* Tags the postmaster first: what it forks from then on inherits the tag; then what it has forked
 * before. */
static unsigned int tag_all(struct engine *engine, const struct attached_target *target, const struct target *value)
{
	static int pids[SERVER_MAX_CHILDREN];
	const struct server *server = &target->server;
	unsigned int tagged = 0;
	int count;

	tag_process(engine, target->index, value, server->pid, true);
	count = server_backends(server->pid, pids, SERVER_MAX_CHILDREN);
	for (int i = 0; i < count && i < SERVER_MAX_CHILDREN; i++)
		tagged += tag_process(engine, target->index, value, pids[i], false) == 0;
	return tagged;
}

static int start(struct engine *engine, struct attached_target *target, const struct settings *settings,
		 struct error *err)
{
	struct target value = {};
	unsigned int backends;
	int pids[64];

	backends = server_backends(target->server.pid, pids, 64);
	if (server_check_backends(&target->server, pids, backends < 64 ? backends : 64, err))
		return -1;
	target->pidfd = syscall(SYS_pidfd_open, target->server.pid, 0);
	if (target->pidfd < 0)
		return error_set(err, "NoSuchProcess", "PID %d cannot be watched: %s", target->server.pid,
				 strerror(errno));
	if (engine_use(engine, err))
		return -1;
	if (level_follow(engine, target, settings, err)) {
		engine_release(engine);
		return -1;
	}
	value.generation = next_generation++;
	value.link = target->links ? target->links->cookie : 0;
	value.functions_unseen = target->uses[HOOKS_BEFORE_NESTED];
	target_value_fill(&value, &target->server);
	target_value_set(&value, settings);
	if (empty_overflow_series(engine, target->index) ||
	    bpf_map_update_elem(bpf_map__fd(engine->skel->maps.targets), &target->index, &value, BPF_ANY)) {
		error_set(err, "AttachFailed", "the maps of the BPF programs cannot be written: %s", strerror(errno));
		level_leave(engine, target);
		engine_release(engine);
		return -1;
	}
	backends = tag_all(engine, target, &value);
	report_attached(engine, target, backends);
	return 0;
}

struct attached_target *target_attach(struct engine *engine, const char *name, int pid, const struct settings *settings)
{
	struct attached_target *target = free_slot();
	struct error err;

	if (!target) {
		error_set(&err, "TooManyTargets", "%d targets are attached, which is the limit; detach one first",
			  MAX_TARGETS);
		report_refused(name, &err);
		return NULL;
	}
	if (server_inspect(pid, &target->server, &err)) {
		report_refused(name, &err);
		return NULL;
	}
	snprintf(target->name, sizeof(target->name), "%s", name);
	target->pidfd = -1;
	if (start(engine, target, settings, &err) == 0)
		return target;
	report_refused(name, &err);
	if (target->pidfd >= 0)
		close(target->pidfd);
	server_close(&target->server);
	target->name[0] = '\0';
	return NULL;
}

void target_stop(struct engine *engine, const struct attached_target *target)
{
	struct target unused = {};

	bpf_map_update_elem(bpf_map__fd(engine->skel->maps.targets), &target->index, &unused, BPF_ANY);
	/* programs that have seen the generation before are in an RCU read section; this waits for all of those */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void target_detach(struct engine *engine, struct attached_target *target)
{
	static int pids[SERVER_MAX_CHILDREN];
	static const struct target_counts no_counts[1024];
	int count;

	untag_process(engine, target->server.pid);
	count = server_backends(target->server.pid, pids, SERVER_MAX_CHILDREN);
	for (int i = 0; i < count && i < SERVER_MAX_CHILDREN; i++)
		untag_process(engine, pids[i]);
	if (libbpf_num_possible_cpus() <= 1024)
		bpf_map_update_elem(bpf_map__fd(engine->skel->maps.target_counts), &target->index, no_counts, BPF_ANY);
	level_leave(engine, target);
	engine_release(engine);
	locks_forget(target);
	works_forget(target);
	sessions_forget(target);
	close(target->pidfd);
	server_close(&target->server);
	target->name[0] = '\0';
}

unsigned int target_backends(const struct attached_target *target)
{
	return server_backend_count(target->server.pid);
}
