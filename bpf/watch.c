// SPDX-License-Identifier: Apache-2.0
/*
 * A silent hook is a failure, not a quiet database: a compiler may have inlined a function whose
 * exported copy is then never called. The programs count messages that ran something and ended
 * without statement or error.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#include "output.h"
#include "target.h"

/* Messages without a statement, before the first statement was ever seen: more than a driver's
 * Parse messages at start. */
#define SILENT_AFTER_MESSAGES 10
#define SILENT_AFTER_ABORTED  3

static int read_counts(struct engine *engine, unsigned int index, struct target_counts *sum)
{
	int cpus = libbpf_num_possible_cpus();
	struct target_counts *values = calloc(cpus, sizeof(*values));
	int code = -1;

	*sum = (struct target_counts){};
	if (values)
		code = bpf_map_lookup_elem(bpf_map__fd(engine->skel->maps.target_counts), &index, values);
	for (int cpu = 0; code == 0 && cpu < cpus; cpu++) {
		sum->end_command += values[cpu].end_command;
		sum->errors += values[cpu].errors;
		sum->messages_empty += values[cpu].messages_empty;
		sum->aborted_unseen += values[cpu].aborted_unseen;
		sum->state_disabled += values[cpu].state_disabled;
	}
	free(values);
	return code;
}

static void report(const struct attached_target *target, enum hook hook, enum hook replacement, const char *state,
		   const char *message)
{
	output_begin("hook");
	output_string("target", target->name);
	output_string("name", hook_function(hook));
	output_string("role", hook_role(hook));
	output_string("state", state);
	if (replacement != HOOK_COUNT)
		output_string("replacedBy", hook_function(replacement));
	output_string("message", message);
	output_end();
}

static void replace(struct engine *engine, struct attached_target *target, enum hook hook, enum hook replacement,
		    const char *what)
{
	char message[1024];

	if (links_attach(engine, target->links, &target->server, replacement)) {
		snprintf(message, sizeof(message),
			 "%s of %s is never called although %s, and %s cannot take its place: %s", hook_function(hook),
			 target->server.executable, what, hook_function(replacement),
			 target->links->failure[replacement]);
		report(target, hook, HOOK_COUNT, "silent", message);
		return;
	}
	links_detach(target->links, hook);
	snprintf(message, sizeof(message),
		 "%s of %s is never called although %s (the compiler has inlined it, or this is a "
		 "changed server); "
		 "%s has taken its place, and what ran before is not counted",
		 hook_function(hook), target->server.executable, what, hook_function(replacement));
	report(target, hook, replacement, "silent", message);
}

void target_watch_hooks(struct engine *engine, struct attached_target *target)
{
	struct target_counts counts;

	if (read_counts(engine, target->index, &counts))
		return;
	if (!target->statement_replaced && !counts.end_command && counts.messages_empty >= SILENT_AFTER_MESSAGES) {
		target->statement_replaced = true;
		if (!target->links->links[HOOK_STATEMENT_FALLBACK][0])
			replace(engine, target, HOOK_STATEMENT, HOOK_STATEMENT_FALLBACK, "statements run");
	}
	if (!target->error_replaced && !counts.errors && counts.aborted_unseen >= SILENT_AFTER_ABORTED) {
		target->error_replaced = true;
		if (!target->links->links[HOOK_ERROR_FALLBACK][0])
			replace(engine, target, HOOK_ERROR, HOOK_ERROR_FALLBACK, "transactions are aborted");
	}
	if (!target->message_end_added && counts.state_disabled) {
		target->message_end_added = true;
		if (!target->links->links[HOOK_MESSAGE_END][0] &&
		    links_attach(engine, target->links, &target->server, HOOK_MESSAGE_END) == 0)
			report(target, HOOK_MESSAGE_END, HOOK_COUNT, "attached",
			       "track_activities is off, so that the state of a backend does not "
			       "tell when a message "
			       "ends; a second probe does, which costs about as much as the first");
	}
}
