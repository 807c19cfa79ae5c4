// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>
#include <sys/socket.h>

#include "counters.h"
#include "events.h"
#include "backend.h"
#include "locks.h"
#include "output.h"
#include "ring_events.h"
#include "target.h"
#include "works.h"

static const char *const reasons[] = {
	[CAPTURE_NONE] = "",	     [CAPTURE_FAILED] = "failed",   [CAPTURE_SLOW] = "slow",
	[CAPTURE_TRACED] = "traced", [CAPTURE_SAMPLED] = "sampled",
};

static void on_query(const struct attached_target *target, const struct query_event *event, size_t size)
{
	const char *text = (const char *)event + EVENT_TEXT_OFFSET;
	uint32_t begin = event->begin, end = event->end;

	if (size < EVENT_TEXT_OFFSET + event->length)
		return;
	if (end > event->length)
		end = event->length;
	if (begin > end)
		begin = end;
	if (is_autovacuum(event->fingerprint)) {
		work_remember(target, event->fingerprint, text, event->length);
		return;
	}
	output_begin("query");
	output_string("target", target->name);
	output_fingerprint("fingerprint", event->fingerprint);
	output_text("text", text + begin, end - begin);
	output_bool("truncated", event->truncated);
	output_end();
}

static void on_identity(const struct attached_target *target, const struct identity_event *event)
{
	output_begin("identity");
	output_string("target", target->name);
	output_number("databaseOid", event->database_oid);
	output_text("database", event->database, strnlen(event->database, NAME_BYTES));
	output_number("userOid", event->user_oid);
	output_text("user", event->user, strnlen(event->user, NAME_BYTES));
	output_end();
}

static void output_client(const struct statement_event *event)
{
	char address[INET6_ADDRSTRLEN];

	if (event->client_family != AF_INET && event->client_family != AF_INET6)
		return;
	if (!inet_ntop(event->client_family, event->client_address, address, sizeof(address)))
		return;
	output_string("clientAddress", address);
	output_number("clientPort", ntohs(event->client_port));
	if (event->round_trip_us)
		output_number("clientRoundTripNs", (uint64_t)event->round_trip_us * 1000);
}

/* PostgreSQL packs the five characters six bits each. */
static void output_sqlstate(uint32_t code)
{
	char sqlstate[6] = "";

	for (int i = 0; i < 5; i++)
		sqlstate[i] = ((code >> (6 * i)) & 63) + '0';
	output_string("sqlstate", sqlstate);
}

static void output_context(const struct statement_event *event)
{
	if (!event->context_source)
		return;
	output_object("traceContext");
	output_string("source", event->context_source == CONTEXT_SQLCOMMENT ? "sqlcomment" : "application_name");
	output_text("value", event->context, strnlen(event->context, CONTEXT_BYTES - 1));
	output_bool("stale", event->context_stale);
	output_object_end();
}

static void output_signal(const struct statement_event *event)
{
	char name[32];

	if (!event->signal)
		return;
	snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(event->signal));
	output_string("signal", name);
}

static void output_statement_waits(const struct attached_target *target, const struct statement_event *event,
				   uint64_t offset)
{
	const struct waits *waits = &event->waits;

	output_waits(waits);
	if (!waits->long_count)
		return;
	output_array("longWaits");
	for (unsigned int i = 0; i < waits->long_count && i < LONG_WAITS; i++) {
		const struct long_wait *wait = &waits->long_waits[i];
		const struct lock_look *look =
			wait->event >> 24 == WAIT_CLASS_LOCK ? locks_find(target, event->pid, wait->begin_ns) : NULL;

		output_object(NULL);
		output_number("event", wait->event);
		output_decimal("startUnixNano", wait->begin_ns + offset);
		output_number("waitNs", wait->ns);
		if (look)
			locks_output(&target->server, look);
		output_object_end();
	}
	output_array_end();
}

static const char *const phase_names[PHASES] = {
	[PHASE_PARSE - 1] = "parse", [PHASE_ANALYZE - 1] = "analyze", [PHASE_BIND - 1] = "bind",
	[PHASE_PLAN - 1] = "plan",   [PHASE_EXECUTE - 1] = "execute", [PHASE_COMMIT - 1] = "commit",
};

static void output_phases(const struct phase_times *phases, uint64_t offset)
{
	bool any = false;

	for (int i = 0; i < PHASES; i++) {
		if (!phases->begin_ns[i])
			continue;
		if (!any)
			output_array("phases");
		any = true;
		output_object(NULL);
		output_string("phase", phase_names[i]);
		output_decimal("startUnixNano", phases->begin_ns[i] + offset);
		output_number("ns", phases->ns[i]);
		output_object_end();
	}
	if (any)
		output_array_end();
}

static void output_nested(const struct nested *nested, uint64_t offset)
{
	if (!nested->count)
		return;
	output_array("nested");
	for (unsigned int i = 0; i < nested->count && i < NESTED_MAX; i++) {
		const struct nested_statement *statement = &nested->statements[i];

		output_object(NULL);
		output_fingerprint("fingerprint", statement->fingerprint);
		output_number("depth", statement->depth);
		if (statement->parent < i)
			output_number("parent", statement->parent);
		output_number("calls", statement->calls);
		output_decimal("startUnixNano", statement->begin_ns + offset);
		output_number("spanNs", statement->end_ns ? statement->end_ns - statement->begin_ns : 0);
		output_number("durationNs", statement->ns);
		output_object_end();
	}
	output_array_end();
	output_counter("nestedUntold", nested->untold);
}

static void on_statement(struct engine *engine, const struct attached_target *target,
			 const struct statement_event *event, size_t size)
{
	const char *tag = event->failed ? NULL : command_tag_name(target->server.major, event->tag);
	uint64_t offset = engine->skel->bss->wall_clock_offset_ns;

	output_begin("statement");
	output_string("target", target->name);
	output_fingerprint("fingerprint", event->fingerprint);
	output_string("reason", reasons[event->reason <= CAPTURE_SAMPLED ? event->reason : 0]);
	output_number("pid", event->pid);
	output_number("databaseOid", event->database_oid);
	output_number("userOid", event->user_oid);
	output_text("application", event->application, strnlen(event->application, NAME_BYTES));
	output_client(event);
	output_decimal("queryId", event->query_id);
	output_decimal("startUnixNano", event->begin_ns + offset);
	output_number("durationNs", event->duration_ns);
	output_string("tag", tag ? tag : "");
	output_counter("rows", event->rows);
	if (event->failed && !event->signal)
		output_sqlstate(event->sqlstate);
	output_signal(event);
	output_context(event);
	if (event->text_length && size >= EVENT_TEXT_OFFSET + event->text_length) {
		output_text("text", (const char *)event + EVENT_TEXT_OFFSET, event->text_length);
		output_bool("textTruncated", event->text_truncated);
	}
	output_sums(&event->sums);
	output_statement_waits(target, event, offset);
	output_phases(&event->phases, offset);
	output_nested(&event->nested, offset);
	output_end();
}

static int on_event(void *context, void *data, size_t size)
{
	const struct query_event *event = data; /* type and target stand first in each */
	struct attached_target *target;

	if (size < sizeof(struct function_event))
		return 0;
	target = target_at(event->target);
	if (!target) /* detached in the meantime */
		return 0;
	if (event->type == EVENT_QUERY && size >= sizeof(struct query_event))
		on_query(target, data, size);
	else if (event->type == EVENT_IDENTITY && size >= sizeof(struct identity_event))
		on_identity(target, data);
	else if (event->type == EVENT_FUNCTION)
		target_function_called(context, target);
	else if (event->type == EVENT_LOCK && size >= sizeof(struct lock_event))
		locks_look(target, data);
	else if (event->type == EVENT_STATEMENT && size >= sizeof(struct statement_event))
		on_statement(context, target, data, size);
	return 0;
}

struct ring_buffer *events_open(struct engine *engine)
{
	return ring_buffer__new(bpf_map__fd(engine->skel->maps.events), on_event, engine, NULL);
}
