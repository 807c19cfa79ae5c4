// SPDX-License-Identifier: Apache-2.0
/*
 * A silent hook is a failure, not a quiet database: a compiler may have inlined a function whose exported copy is then
 * never called. But messages without a statement prove nothing (empty queries, a pool that prepares its statements). So
 * after some of them, and before the first EndCommand, PortalRun is watched, too: a portal that has run to its end in a
 * message that ends well, and no EndCommand between the two, is what cannot be where EndCommand works.
 *
 * Links, and so what is known of a hook, belong to an executable; counts belong to targets.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "level.h"
#include "output.h"
#include "target.h"
#include "watch.h"

#define WITNESS_AFTER_MESSAGES 10 /* that ended without statement or error */
#define SILENT_AFTER_PORTALS   3
#define REVOKED_AFTER_PORTALS  20 /* that EndCommand followed, all of them */
#define SILENT_AFTER_ABORTED   3
#define REVOKED_AFTER_ERRORS   3 /* that it was first to see, all of them */

void target_counts_add(struct engine *engine, unsigned int index, struct target_counts *sum)
{
	int cpus = libbpf_num_possible_cpus();
	struct target_counts *values = calloc(cpus, sizeof(*values));
	int code = -1;

	if (values)
		code = bpf_map_lookup_elem(bpf_map__fd(engine->skel->maps.target_counts), &index, values);
	for (int cpu = 0; code == 0 && cpu < cpus; cpu++) {
		sum->end_command += values[cpu].end_command;
		sum->errors += values[cpu].errors;
		sum->messages_empty += values[cpu].messages_empty;
		sum->portals_unseen += values[cpu].portals_unseen;
		sum->portals_unconfirmed += values[cpu].portals_unconfirmed;
		sum->portals_confirmed += values[cpu].portals_confirmed;
		sum->errors_unconfirmed += values[cpu].errors_unconfirmed;
		sum->errors_confirmed += values[cpu].errors_confirmed;
		sum->aborted_unseen += values[cpu].aborted_unseen;
		sum->state_disabled += values[cpu].state_disabled;
		sum->prepared_contexts += values[cpu].prepared_contexts;
		sum->round_trips += values[cpu].round_trips;
		sum->round_trip_us += values[cpu].round_trip_us;
	}
	free(values);
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

/* To every target of the executable, each with its own path. */
__attribute__((format(printf, 5, 6))) static void report_all(const struct executable_links *links, enum hook hook,
							     enum hook replacement, const char *state, const char *fmt,
							     ...)
{
	for (unsigned int i = 0; i < MAX_TARGETS; i++) {
		const struct attached_target *target = target_at(i);
		char rest[512], message[2048];
		va_list args;

		if (!target || target->links != links)
			continue;
		va_start(args, fmt);
		vsnprintf(rest, sizeof(rest), fmt, args);
		va_end(args);
		snprintf(message, sizeof(message), "%s of %s %s", hook_function(hook), target->server.executable, rest);
		report(target, hook, replacement, state, message);
	}
}

/* What is replaced stays attached: a hook that does not fire costs nothing, and if it does, that is to be known. */
static enum hook_trust replace(struct engine *engine, const struct attached_target *target, enum hook hook,
			       enum hook replacement, const char *what)
{
	struct executable_links *links = target->links;

	if (links_attach(engine, links, &target->server, replacement)) {
		report_all(links, hook, HOOK_COUNT, "silent",
			   "is never called although %s, and %s cannot take its place: %s", what,
			   hook_function(replacement), links->failure[replacement]);
		return HOOK_SETTLED;
	}
	report_all(links, hook, replacement, "silent",
		   "is never called although %s (the compiler has inlined it, or this is a changed server); %s has "
		   "taken its "
		   "place, and what ran before is not counted",
		   what, hook_function(replacement));
	return HOOK_REPLACED;
}

static enum hook_trust revoke(struct executable_links *links, enum hook hook, enum hook replacement)
{
	links_detach(links, replacement);
	report_all(links, hook, HOOK_COUNT, "attached", "is called after all; it counts again, and %s no longer does",
		   hook_function(replacement));
	return HOOK_SETTLED;
}

static enum hook_trust call_witness(struct engine *engine, const struct attached_target *target)
{
	struct executable_links *links = target->links;

	if (links_attach(engine, links, &target->server, HOOK_STATEMENT_WITNESS) == 0)
		return HOOK_WITNESSED;
	log_line("pgscope-tracer: whether EndCommand of %s is ever called cannot be seen: PortalRun cannot be probed: "
		 "%s",
		 target->server.executable, links->failure[HOOK_STATEMENT_WITNESS]);
	return HOOK_SETTLED;
}

static enum hook_trust watch_statements(struct engine *engine, const struct attached_target *target,
					const struct target_counts *counts)
{
	struct executable_links *links = target->links;
	enum hook_trust trust = links->statement_trust;

	if (trust == HOOK_REPLACED && counts->portals_confirmed >= REVOKED_AFTER_PORTALS &&
	    !counts->portals_unconfirmed)
		return revoke(links, HOOK_STATEMENT, HOOK_STATEMENT_FALLBACK);
	if (trust == HOOK_UNPROVEN && counts->end_command)
		return HOOK_SETTLED;
	if (trust == HOOK_UNPROVEN && counts->messages_empty >= WITNESS_AFTER_MESSAGES)
		return call_witness(engine, target);
	if (trust != HOOK_WITNESSED || (!counts->end_command && counts->portals_unseen < SILENT_AFTER_PORTALS))
		return trust;
	links_detach(links, HOOK_STATEMENT_WITNESS);
	if (counts->end_command)
		return HOOK_SETTLED;
	return replace(engine, target, HOOK_STATEMENT, HOOK_STATEMENT_FALLBACK, "statements run");
}

static enum hook_trust watch_errors(struct engine *engine, const struct attached_target *target,
				    const struct target_counts *counts)
{
	struct executable_links *links = target->links;
	enum hook_trust trust = links->error_trust;

	if (!target->server.has_error_stack) /* no error can be read, whether the hook fires or not */
		return HOOK_SETTLED;
	if (trust == HOOK_REPLACED && counts->errors_confirmed >= REVOKED_AFTER_ERRORS && !counts->errors_unconfirmed)
		return revoke(links, HOOK_ERROR, HOOK_ERROR_FALLBACK);
	if (trust != HOOK_UNPROVEN)
		return trust;
	if (counts->errors)
		return HOOK_SETTLED;
	if (counts->aborted_unseen < SILENT_AFTER_ABORTED)
		return trust;
	return replace(engine, target, HOOK_ERROR, HOOK_ERROR_FALLBACK, "transactions are aborted");
}

/* A hook that not every server needs, once this one does. `added` keeps that it was tried. */
static void add(struct engine *engine, struct attached_target *target, enum hook hook, bool *added, const char *message)
{
	if (*added)
		return;
	*added = true;
	if (!target->links->links[hook][0] && links_attach(engine, target->links, &target->server, hook) == 0)
		report(target, hook, HOOK_COUNT, "attached", message);
}

static void watch_needs(struct engine *engine, struct attached_target *target, const struct target_counts *counts)
{
	if (counts->state_disabled)
		add(engine, target, HOOK_MESSAGE_END, &target->message_end_added,
		    "track_activities is off, so that the state of a backend does not tell when a message ends; a "
		    "second probe does, which costs about as much as the first");
	if (counts->prepared_contexts)
		add(engine, target, HOOK_PREPARED, &target->prepared_added,
		    "prepared statements carry trace contexts; from now on a probe tells when one is parsed anew, with "
		    "another context; their executions cost no more than before");
}

void target_function_called(struct engine *engine, struct attached_target *target)
{
	if (!target->uses[HOOKS_BEFORE_NESTED]) /* it is known already */
		return;
	level_functions_run(engine, target);
	for (enum hook hook = HOOK_NESTED_START; hook <= HOOK_NESTED_END; hook++)
		if (target->links->links[hook][0])
			report(target, hook, HOOK_COUNT, "attached",
			       "functions or triggers run statements; from now on they are told with the statement "
			       "that "
			       "called them");
}

/* Sums of the targets from `first` on that run its executable; false if an earlier one has been looked at with it. */
static bool counts_of_links(struct engine *engine, unsigned int first, struct target_counts *sum)
{
	const struct executable_links *links = target_at(first)->links;

	*sum = (struct target_counts){};
	for (unsigned int i = 0; i < MAX_TARGETS; i++) {
		const struct attached_target *target = target_at(i);

		if (!target || target->links != links)
			continue;
		if (i < first)
			return false;
		target_counts_add(engine, i, sum);
	}
	return true;
}

void targets_watch_hooks(struct engine *engine)
{
	for (unsigned int i = 0; i < MAX_TARGETS; i++) {
		struct attached_target *target = target_at(i);
		struct target_counts counts = {};

		if (!target || !target->links)
			continue;
		target_counts_add(engine, i, &counts);
		watch_needs(engine, target, &counts);
		if (!counts_of_links(engine, i, &counts))
			continue;
		target->links->statement_trust = watch_statements(engine, target, &counts);
		target->links->error_trust = watch_errors(engine, target, &counts);
	}
}
