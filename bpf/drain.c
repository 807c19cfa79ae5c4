// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counters.h"
#include "drain.h"
#include "output.h"

#define BUCKETS	    4096
#define BATCH	    128
#define IDLE_DRAINS 60 /* before a query may make room for others when the map fills up */

/* A query with its shards added up. */
struct query {
	struct query *next;
	struct query_key key; /* shard 0 */
	struct query_value now;
	struct query_value reported;
	uint32_t round;	       /* of the drain that has seen it last */
	uint32_t active_round; /* of the drain in which it did something last */
};

static struct query *buckets[BUCKETS];
static unsigned int query_count;
static uint32_t round_number;

static struct query **bucket_of(const struct query_key *key)
{
	uint64_t hash =
		key->fingerprint ^ ((uint64_t)key->target << 32) ^ ((uint64_t)key->database_oid << 16) ^ key->user_oid;

	return &buckets[(hash * 0x9E3779B97F4A7C15ULL) >> 52];
}

static struct query *find_or_make(const struct query_key *shard_key)
{
	struct query_key key = *shard_key;
	struct query **bucket, *query;

	key.shard = 0;
	bucket = bucket_of(&key);
	for (query = *bucket; query; query = query->next)
		if (memcmp(&query->key, &key, sizeof(key)) == 0)
			return query;
	query = calloc(1, sizeof(*query));
	if (!query)
		return NULL;
	query->key = key;
	query->active_round = round_number;
	query->next = *bucket;
	*bucket = query;
	query_count++;
	return query;
}

static void add_value(struct query_value *sum, const struct query_value *value)
{
	sum->calls += value->calls;
	sum->errors += value->errors;
	sum->rows += value->rows;
	sum->duration_ns += value->duration_ns;
	for (int i = 0; i < SUMS; i++)
		sum->sums.value[i] += value->sums.value[i];
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->buckets[i] += value->buckets[i];
}

/* Adds up all shards of all queries. */
static void read_map(struct engine *engine)
{
	static struct query_key keys[BATCH];
	static struct query_value values[BATCH];
	int map = bpf_map__fd(engine->skel->maps.queries);
	uint64_t position = 0;
	bool first = true;
	int code = 0;

	while (!code) {
		uint32_t count = BATCH;

		code = bpf_map_lookup_batch(map, first ? NULL : &position, &position, keys, values, &count, NULL);
		if (code && code != -ENOENT) {
			log_line("reading the map of queries failed: %s; the next drain tries again", strerror(-code));
			return;
		}
		first = false;
		for (uint32_t i = 0; i < count; i++) {
			struct query *query = find_or_make(&keys[i]);

			if (!query)
				continue;
			if (query->round != round_number)
				memset(&query->now, 0, sizeof(query->now));
			query->round = round_number;
			add_value(&query->now, &values[i]);
		}
	}
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

static void report_query(const struct query *query, const struct attached_target *target)
{
	const struct query_value *now = &query->now, *before = &query->reported;
	struct sums difference;

	for (int i = 0; i < SUMS; i++)
		difference.value[i] = now->sums.value[i] - before->sums.value[i];
	output_begin("aggregate");
	output_string("target", target->name);
	output_fingerprint("fingerprint", query->key.fingerprint);
	output_number("databaseOid", query->key.database_oid);
	output_number("userOid", query->key.user_oid);
	output_number("calls", now->calls - before->calls);
	output_number("errors", now->errors - before->errors);
	output_counter("rows", now->rows - before->rows);
	output_counter("durationNs", now->duration_ns - before->duration_ns);
	output_sums(&difference);
	output_histogram(query);
	output_end();
}

/* Sums that have not moved since the last report need no line. The histogram moves only with calls
 * and errors. */
static bool moved(const struct query *query)
{
	return memcmp(&query->now, &query->reported, offsetof(struct query_value, buckets)) != 0;
}

static void report_queries(const struct attached_target *only)
{
	for (int i = 0; i < BUCKETS; i++) {
		for (struct query *query = buckets[i]; query; query = query->next) {
			const struct attached_target *target = target_at(query->key.target);

			if (!target || (only && only != target) || query->round != round_number || !moved(query))
				continue;
			report_query(query, target);
			query->reported = query->now;
			query->active_round = round_number;
		}
	}
}

static void delete_shards(struct engine *engine, const struct query *query)
{
	struct query_key key = query->key;

	for (key.shard = 0; key.shard < engine->shards; key.shard++)
		bpf_map_delete_elem(bpf_map__fd(engine->skel->maps.queries), &key);
}

static void forget_if(struct engine *engine, bool (*unwanted)(const struct query *, uint32_t), uint32_t argument)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct query **link = &buckets[i];

		while (*link) {
			struct query *query = *link;

			if (!unwanted(query, argument)) {
				link = &query->next;
				continue;
			}
			delete_shards(engine, query);
			*link = query->next;
			free(query);
			query_count--;
		}
	}
}

static bool is_idle(const struct query *query, uint32_t rounds)
{
	return query->key.fingerprint != FINGERPRINT_OVERFLOW && round_number - query->active_round >= rounds;
}

static bool is_of_target(const struct query *query, uint32_t target)
{
	return query->key.target == target;
}

void drain_forget(struct engine *engine, unsigned int target)
{
	forget_if(engine, is_of_target, target);
}

void drain(struct engine *engine, struct ring_buffer *events, const struct attached_target *only)
{
	round_number++;
	ring_buffer__consume(events);
	read_map(engine);
	/* texts and names that the sums need were written before them */
	ring_buffer__consume(events);
	report_queries(only);
	if (query_count * engine->shards > engine->query_entries / 4 * 3)
		forget_if(engine, is_idle, IDLE_DRAINS);
}

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

void report_drained(struct engine *engine, const char *token)
{
	struct timespec now;

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
		output_object_end();
	}
	output_array_end();
	output_losses(engine, "losses");
	output_bpf_time(engine);
	output_end();
}
