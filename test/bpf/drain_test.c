// SPDX-License-Identifier: Apache-2.0
/*
 * Drains against maps whose reading fails now and then, anywhere: whatever fails, no number that is told is wrong, and
 * after the next drain that succeeds all that was counted has been told, once.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "../../bpf/engine.h"
#include "check.h"

#define QUERIES	   300
#define SHARDS	   4
#define STEPS	   3000
#define MAP	   1 /* descriptors */
#define OVERFLOW   2
#define IMPOSSIBLE (1ULL << 40) /* a difference that has become negative is larger */

/* What the kernel would hold, and what was ever added to it. */
static struct query_value kernel[QUERIES][SHARDS], overflow[SHARDS];
static bool exists[QUERIES][SHARDS];
static struct query_value added[QUERIES + 1], told[QUERIES + 1];
static int fails_in = -1; /* reads until one fails; -1: none does */
static unsigned int told_lines;

static int fake_fd(const struct bpf_map *map)
{
	return (int)(long)map;
}

static bool fails(void)
{
	return fails_in >= 0 && fails_in-- == 0;
}

static int fake_lookup_batch(int fd, const void *from, void *to, struct query_key *keys, struct query_value *values,
			     uint32_t *count)
{
	uint64_t at = from ? *(const uint64_t *)from : 0;
	uint32_t found = 0;

	CHECK_EQUAL(fd, MAP);
	if (fails())
		return -ENOMEM;
	for (; at < QUERIES * SHARDS && found < *count; at++) {
		unsigned int query = at / SHARDS, shard = at % SHARDS;

		if (!exists[query][shard])
			continue;
		keys[found] = (struct query_key){.shard = shard, .fingerprint = query, .user_oid = 10};
		values[found++] = kernel[query][shard];
	}
	*(uint64_t *)to = at;
	*count = found;
	return at < QUERIES * SHARDS ? 0 : -ENOENT;
}

static int fake_lookup(int fd, const uint32_t *index, struct query_value *value)
{
	CHECK_EQUAL(fd, OVERFLOW);
	CHECK(*index < SHARDS);
	if (fails())
		return -ENOMEM;
	*value = overflow[*index];
	return 0;
}

static int fake_delete(int fd, const struct query_key *key)
{
	CHECK_EQUAL(fd, MAP);
	if (key->fingerprint < QUERIES) {
		exists[key->fingerprint][key->shard] = false;
		kernel[key->fingerprint][key->shard] = (struct query_value){};
	}
	return 0;
}

#define bpf_map__fd(map) fake_fd(map)
#define bpf_map_lookup_batch(fd, from, to, keys, values, count, flags)                                                 \
	fake_lookup_batch(fd, from, to, keys, values, count)
#define bpf_map_lookup_elem(fd, key, value)	  fake_lookup(fd, key, value)
#define bpf_map_delete_elem(fd, key)		  fake_delete(fd, key)
#define ring_buffer__consume(events)		  ((void)(events))
#define bpf_prog_get_info_by_fd(fd, info, size)	  ((void)(fd), (void)(info), (void)(size), -1)
#define bpf_program__fd(program)		  ((void)(program), -1)
#define bpf_object__next_program(object, program) ((void)(object), (void)(program), NULL)
#include "../../bpf/drain.c"

static struct attached_target target = {.name = "local"};

struct attached_target *target_at(unsigned int index)
{
	return index == 0 ? &target : NULL;
}

unsigned int target_backends(const struct attached_target *of)
{
	(void)of;
	return 0;
}

/* The events, as far as they matter here: sums of what was told of each query. */
static struct query_value *line;
static unsigned int buckets_told;

void output_begin(const char *type)
{
	line = NULL;
	told_lines += strcmp(type, "aggregate") == 0;
}

void output_fingerprint(const char *key, uint64_t fingerprint)
{
	(void)key;
	line = &told[fingerprint == FINGERPRINT_OVERFLOW ? QUERIES : fingerprint];
}

static void told_number(const char *key, uint64_t value)
{
	CHECK(value < IMPOSSIBLE);
	if (!line)
		return;
	if (!key)
		line->buckets[buckets_told++] += value;
	else if (strcmp(key, "calls") == 0)
		line->calls += value;
	else if (strcmp(key, "errors") == 0)
		line->errors += value;
	else if (strcmp(key, "rows") == 0)
		line->rows += value;
	else if (strcmp(key, "durationNs") == 0)
		line->duration_ns += value;
}

void output_number(const char *key, uint64_t value)
{
	told_number(key, value);
}

void output_counter(const char *key, uint64_t value)
{
	told_number(key, value);
}

void output_signed(const char *key, int64_t value)
{
	CHECK_TEXT(key, "offset");
	buckets_told = value - HISTOGRAM_OFFSET;
}

void output_sums(const struct sums *sums)
{
	for (int i = 0; i < SUMS; i++) {
		CHECK(sums->value[i] < IMPOSSIBLE);
		line->sums.value[i] += sums->value[i];
	}
}

void output_string(const char *key, const char *value)
{
	(void)key, (void)value;
}

void output_decimal(const char *key, uint64_t value)
{
	(void)key, (void)value;
}

void output_object(const char *key)
{
	(void)key;
}

void output_array(const char *key)
{
	(void)key;
}

void output_object_end(void)
{
}

void output_array_end(void)
{
}

void output_end(void)
{
}

void output_losses(struct engine *engine)
{
	(void)engine;
}

void log_line(const char *fmt, ...)
{
	(void)fmt;
}

static void add_to(struct query_value *value, int query)
{
	const struct query_value more = {
		.calls = 1,
		.errors = check_random() % 2,
		.rows = check_random() % 100,
		.duration_ns = check_random(),
		.sums.value = {check_random(), [SUMS - 1] = check_random() % 10},
		.buckets = {[HISTOGRAM_BUCKETS / 2] = 1},
	};
	int bucket = check_random() % HISTOGRAM_BUCKETS;

	query_value_add(value, &more);
	query_value_add(&added[query], &more);
	value->buckets[bucket]++;
	added[query].buckets[bucket]++;
}

/* Few queries run all the time; the others come and are idle for long. */
static void run_some(int step)
{
	for (int i = check_random() % 20; i > 0; i--) {
		int query = check_random() % 3 ? (int)(check_random() % 10) : step * 7 % QUERIES;
		int shard = check_random() % SHARDS;

		exists[query][shard] = true;
		add_to(&kernel[query][shard], query);
	}
	if (check_random() % 4 == 0)
		add_to(&overflow[check_random() % SHARDS], QUERIES);
}

static void all_is_told(void)
{
	for (int i = 0; i <= QUERIES; i++)
		CHECK(memcmp(&told[i], &added[i], sizeof(told[i])) == 0);
}

int main(void)
{
	static struct tracer_bpf skel;
	struct engine engine = {.skel = &skel, .shards = SHARDS, .query_entries = QUERIES};
	unsigned int failed = 0;

	skel.maps.queries = (struct bpf_map *)(long)MAP;
	skel.maps.overflow_queries = (struct bpf_map *)(long)OVERFLOW;
	for (int step = 0; step < STEPS; step++) {
		unsigned int before = told_lines;

		run_some(step);
		fails_in = check_random() % 3 ? -1 : (int)(check_random() % 12);
		if (drain(&engine, NULL, step % 2 ? NULL : &target)) {
			all_is_told();
		} else {
			failed++;
			CHECK_EQUAL(told_lines, before);
		}
	}
	CHECK(failed > STEPS / 20);
	CHECK_EQUAL(drains_unread, failed);
	CHECK(queries_count() < QUERIES); /* idle ones have been forgotten on the way */
	fails_in = -1;
	drain_forget(&engine, 0);
	CHECK_EQUAL(queries_count(), 0);
	return CHECK_DONE();
}
