// SPDX-License-Identifier: Apache-2.0
#include "level.h"

/* Level waits needs what PostgreSQL 14 and newer export. */
static int check_level(const struct server *server, const struct settings *settings, struct error *err)
{
	if (settings->level != LEVEL_WAITS ||
	    (server->variables[VARIABLE_BACKEND_ENTRY].address && server->variables[VARIABLE_WAIT_EVENT_INFO].address))
		return 0;
	return error_set(err, "UnsupportedLevel",
			 "level \"waits\" needs PostgreSQL 14 or newer, and this is %s; use \"statements\"",
			 server->version);
}

static void leave_group(struct attached_target *target, enum hook_group group)
{
	if (target->uses[group])
		links_release_group(target->links, group);
	target->uses[group] = false;
}

static void follow_group(struct engine *engine, struct attached_target *target, enum hook_group group, bool wanted)
{
	if (!wanted) {
		leave_group(target, group);
		return;
	}
	if (!target->uses[group])
		links_use_group(engine, target->links, &target->server, group);
	target->uses[group] = true;
}

static void follow_calls(struct engine *engine, struct attached_target *target, bool wanted)
{
	if (wanted != target->wants_calls)
		io_links_want(&engine->io, engine->skel, wanted);
	target->wants_calls = wanted;
}

void level_leave(struct engine *engine, struct attached_target *target)
{
	follow_calls(engine, target, false);
	if (!target->links)
		return;
	for (enum hook_group group = 0; group < HOOK_GROUPS; group++)
		leave_group(target, group);
	links_release(target->links);
	target->links = NULL;
	target->message_end_added = false;
	target->prepared_added = false;
}

int level_follow(struct engine *engine, struct attached_target *target, const struct settings *settings,
		 struct error *err)
{
	bool phases = settings->level == LEVEL_PHASES, nested;

	if (check_level(&target->server, settings, err))
		return -1;
	if (settings->level == LEVEL_WAITS) {
		level_leave(engine, target);
		return 0;
	}
	if (!target->links)
		target->links = links_use(engine, &target->server, err);
	if (!target->links)
		return -1;
	follow_calls(engine, target, phases);
	follow_group(engine, target, HOOKS_OF_PHASES, phases);
	nested = phases && settings->nested_depth > 0;
	follow_group(engine, target, HOOKS_OF_NESTED, nested && target->uses[HOOKS_OF_NESTED]);
	follow_group(engine, target, HOOKS_BEFORE_NESTED, nested && !target->uses[HOOKS_OF_NESTED]);
	return 0;
}

void level_functions_run(struct engine *engine, struct attached_target *target)
{
	follow_group(engine, target, HOOKS_OF_NESTED, true);
	leave_group(target, HOOKS_BEFORE_NESTED);
}
