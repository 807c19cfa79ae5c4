// SPDX-License-Identifier: Apache-2.0
/*
 * Drains against maps whose reading fails now and then, anywhere: whatever fails, no number that is told is wrong, and
 * after the next drain that succeeds all that was counted has been told, once. Drains of one target, as a detach makes
 * them, take nothing away from the others.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../bpf/engine.h"
#include "drain_maps.h"

#define STEPS 6000

#define bpf_map__fd(map) fake_fd(map)
#define bpf_map_lookup_batch(fd, from, to, keys, values, count, flags)                                                 \
	fake_lookup_batch(fd, from, to, keys, values, count)
#define bpf_map_lookup_elem(fd, key, value) fake_lookup(fd, key, value)
#define bpf_map_delete_elem(fd, key)	    fake_delete(fd, key)
#define ring_buffer__consume(events)	    ((void)(events))
#include "../../bpf/drain.c"

static struct attached_target targets[GONE] = {{.name = "0", .index = 0}, {.name = "1", .index = 1}};

struct attached_target *target_at(unsigned int index)
{
	return index < GONE ? &targets[index] : NULL;
}

const char *work_find(const struct attached_target *of, uint64_t fingerprint)
{
	(void)of, (void)fingerprint;
	return NULL;
}

/* io_test.c has its own */
int io_read(struct engine *engine)
{
	(void)engine;
	return 0;
}

void io_report(struct engine *engine, const struct attached_target *only)
{
	(void)engine, (void)only;
}

void io_forget(struct engine *engine, unsigned int target)
{
	(void)engine, (void)target;
}

#include "drain_told.h"

static void add_to(struct query_value *value, struct query_value *added)
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
	query_value_add(added, &more);
	value->buckets[bucket]++;
	added->buckets[bucket]++;
}

static void add_wait(struct wait_value *value, uint64_t ns)
{
	value->count++;
	value->ns += ns;
}

static void run_once(struct counted *target, unsigned int query)
{
	unsigned int shard = check_random() % SHARDS, ns = check_random();

	target->exists[query][shard] = true;
	add_to(&target->kernel[query][shard], &target->added[query]);
	if (check_random() % 3)
		return;
	add_wait(&target->waits[query], ns);
	add_wait(&target->waited[query], ns);
}

/* Few queries run all the time; the others come and are idle for as long as it happens. */
static void run_some(void)
{
	for (int i = check_random() % 20; i > 0; i--)
		run_once(&counted[check_random() % GONE], check_random() % (check_random() % 3 ? 10 : QUERIES));
	for (struct counted *target = counted; target < counted + GONE; target++)
		if (check_random() % 4 == 0)
			add_to(&target->overflow[check_random() % SHARDS], &target->added[QUERIES]);
}

static void all_is_told(const struct counted *target)
{
	for (int i = 0; i <= QUERIES; i++) {
		CHECK(memcmp(&target->told[i], &target->added[i], sizeof(target->told[i])) == 0);
		CHECK(memcmp(&target->waits_told[i], &target->waited[i], sizeof(target->waits_told[i])) == 0);
	}
}

/* One drain, of one target now and then. True: it could be read, and told all that it had to. */
static bool drain_some(struct engine *engine)
{
	int only = (int)(check_random() % (GONE + 2)) - 2; /* half of them tell of all targets */

	fails_in = check_random() % 3 ? -1 : (int)(check_random() % 12);
	if (!drain(engine, NULL, only < 0 ? NULL : &targets[only]))
		return false;
	for (int i = 0; i < GONE; i++)
		if (only < 0 || only == i)
			all_is_told(&counted[i]);
	return true;
}

int main(void)
{
	static struct tracer_bpf skel;
	struct engine engine = {.skel = &skel, .shards = SHARDS, .query_entries = QUERIES};
	unsigned int failed = 0;

	skel.maps.queries = (struct bpf_map *)(long)QUERY_MAP;
	skel.maps.overflow_queries = (struct bpf_map *)(long)OVERFLOW_MAP;
	skel.maps.waits = (struct bpf_map *)(long)WAIT_MAP;
	skel.maps.overflow_waits = (struct bpf_map *)(long)OVERFLOW_WAIT_MAP;
	run_once(&counted[GONE], 0);
	for (int step = 0; step < STEPS; step++) {
		unsigned int before = told_lines;

		run_some();
		if (drain_some(&engine))
			continue;
		failed++;
		CHECK_EQUAL(told_lines, before);
	}
	CHECK(failed > STEPS / 20);
	CHECK_EQUAL(drains_unread, failed);
	CHECK(queries_count() < QUERIES); /* idle ones have been forgotten on the way */
	CHECK_EQUAL(counted[GONE].told[0].calls, 0);
	for (int shard = 0; shard < SHARDS; shard++)
		CHECK(!counted[GONE].exists[0][shard]); /* nor is it left for the slot's next owner */
	for (int i = 0; i < GONE; i++)
		drain_forget(&engine, i);
	CHECK_EQUAL(queries_count(), 0);
	return CHECK_DONE();
}
