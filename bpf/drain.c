// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "drain.h"
#include "io.h"
#include "map_batch.h"
#include "output.h"
#include "queries.h"
#include "works.h"

#define BATCH	    128
#define IDLE_DRAINS 60 /* before a query may make room for others when the map fills up */
#define ALL_TARGETS UINT32_MAX

static uint64_t drains_unread;

static int add_query_entry(const void *key, const void *value)
{
	return queries_add(key, value);
}

static int add_wait_entry(const void *key, const void *value)
{
	return queries_add_wait(key, value);
}

/* Adds up all shards of all queries. 0, or the error that left the round incomplete. */
static int read_map(struct engine *engine)
{
	static struct query_key keys[BATCH];
	static struct query_value values[BATCH];
	const struct map_batch batch = {keys, values, sizeof(*keys), sizeof(*values), BATCH};

	return map_each(bpf_map__fd(engine->skel->maps.queries), &batch, add_query_entry);
}

static int read_waits(struct engine *engine)
{
	static struct wait_key keys[BATCH];
	static struct wait_value values[BATCH];
	const struct map_batch batch = {keys, values, sizeof(*keys), sizeof(*values), BATCH};

	return map_each(bpf_map__fd(engine->skel->maps.waits), &batch, add_wait_entry);
}

/* The waits that found their map full have kept no more than their class; class 0 stands for events without a name. */
static int read_overflow_waits(struct engine *engine, unsigned int target)
{
	int map = bpf_map__fd(engine->skel->maps.overflow_waits);

	for (uint32_t class = 0; class < WAIT_CLASSES; class ++) {
		struct wait_key key = {.target = target, .fingerprint = FINGERPRINT_OVERFLOW};
		uint32_t index = target * WAIT_CLASSES + class;
		struct wait_value value;
		int code = bpf_map_lookup_elem(map, &index, &value);

		if (code)
			return code;
		key.event = class ? class << 24 | 0xffffff : WAIT_FURTHER;
		if (value.count && queries_add_wait(&key, &value))
			return -ENOMEM;
	}
	return 0;
}

static int read_overflow(struct engine *engine, unsigned int target)
{
	struct query_key key = {.target = target, .fingerprint = FINGERPRINT_OVERFLOW};
	int map = bpf_map__fd(engine->skel->maps.overflow_queries);
	struct query_value value;

	for (key.shard = 0; key.shard < engine->shards; key.shard++) {
		uint32_t index = target * engine->shards + key.shard;
		int code = bpf_map_lookup_elem(map, &index, &value);

		if (code)
			return code;
		if (queries_add(&key, &value))
			return -ENOMEM;
	}
	return read_overflow_waits(engine, target);
}

static int read_all(struct engine *engine)
{
	int code;

	queries_begin_round();
	code = read_map(engine);
	if (!code)
		code = read_waits(engine);
	for (unsigned int i = 0; i < MAX_TARGETS && !code; i++)
		if (target_at(i))
			code = read_overflow(engine, i);
	return code ? code : io_read(engine);
}

static void output_histogram(const struct query *query)
{
	int from = 0, to = HISTOGRAM_BUCKETS;

	while (from < to && query->now.buckets[from] == query->reported.buckets[from])
		from++;
	while (to > from && query->now.buckets[to - 1] == query->reported.buckets[to - 1])
		to--;
	if (from == to)
		return;
	output_object("durations");
	output_number("scale", HISTOGRAM_SCALE);
	output_signed("offset", HISTOGRAM_OFFSET + from);
	output_array("counts");
	for (int i = from; i < to; i++)
		output_number(NULL, query->now.buckets[i] - query->reported.buckets[i]);
	output_array_end();
	output_object_end();
}

static void output_query_waits(const struct query *query)
{
	bool any = false;

	for (const struct query_wait *wait = query->waits; wait; wait = wait->next) {
		if (!query_wait_has_moved(wait))
			continue;
		if (!any)
			output_array("waits");
		any = true;
		output_wait(wait->event, wait->now.count - wait->reported.count, wait->now.ns - wait->reported.ns);
	}
	if (any)
		output_array_end();
}

static void report_query(const struct query *query, const struct attached_target *target)
{
	const struct query_value *now = &query->now, *before = &query->reported;
	const char *work = work_find(target, query->key.fingerprint);
	struct sums difference;

	for (int i = 0; i < SUMS; i++)
		difference.value[i] = now->sums.value[i] - before->sums.value[i];
	output_begin("aggregate");
	output_string("target", target->name);
	output_fingerprint("fingerprint", query->key.fingerprint);
	output_backend_type(target->server.major, query->key.fingerprint);
	if (work)
		output_text("work", work, strlen(work));
	output_number("databaseOid", query->key.database_oid);
	output_number("userOid", query->key.user_oid);
	output_number("calls", now->calls - before->calls);
	output_number("errors", now->errors - before->errors);
	output_counter("rows", now->rows - before->rows);
	output_counter("durationNs", now->duration_ns - before->duration_ns);
	output_sums(&difference);
	output_query_waits(query);
	output_histogram(query);
	output_end();
}

static void delete_from_maps(struct engine *engine, const struct query *query)
{
	struct query_key key = query->key;
	struct wait_key wait_key = {.target = key.target,
				    .database_oid = key.database_oid,
				    .user_oid = key.user_oid,
				    .fingerprint = key.fingerprint};

	for (key.shard = 0; key.shard < engine->shards; key.shard++)
		bpf_map_delete_elem(bpf_map__fd(engine->skel->maps.queries), &key);
	for (const struct query_wait *wait = query->waits; wait; wait = wait->next) {
		wait_key.event = wait->event;
		bpf_map_delete_elem(bpf_map__fd(engine->skel->maps.waits), &wait_key);
	}
}

static bool forget(struct query *query, void *context)
{
	delete_from_maps(context, query);
	return false;
}

static bool report_if_moved(struct query *query, void *context)
{
	const struct attached_target *target = target_at(query->key.target);

	if (!target) /* it was detached, and no drain could read this then */
		return forget(query, context);
	if (query_has_moved(query)) {
		report_query(query, target);
		query_reported(query);
	}
	return true;
}

/* What has moved has not been told: a detach tells of its own target only. */
static bool forget_if_idle(struct query *query, void *context)
{
	/* the overflow series has its place in a map of its own, where nothing is deleted */
	if (query->key.fingerprint == FINGERPRINT_OVERFLOW || query_has_moved(query) ||
	    !query_is_idle(query, IDLE_DRAINS))
		return true;
	return forget(query, context);
}

void drain_forget(struct engine *engine, unsigned int target)
{
	queries_each(target, forget, engine);
	io_forget(engine, target);
}

bool drain(struct engine *engine, struct ring_buffer *events, const struct attached_target *only)
{
	int code;

	ring_buffer__consume(events);
	code = read_all(engine);
	/* texts and names that the sums need were written before them */
	ring_buffer__consume(events);
	if (code) {
		drains_unread++;
		log_line("reading the kernel's sums failed: %s; the next drain tells what this one did not",
			 strerror(-code));
		return false;
	}
	queries_each(only ? only->index : ALL_TARGETS, report_if_moved, engine);
	io_report(engine, only);
	if (queries_count() * engine->shards > engine->query_entries / 4 * 3 ||
	    queries_wait_count() > MAX_WAITS / 4 * 3)
		queries_each(ALL_TARGETS, forget_if_idle, engine);
	return true;
}

uint64_t drain_unread(void)
{
	return drains_unread;
}
