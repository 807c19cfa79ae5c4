// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "output.h"
#include "target.h"
#include "wait_sums.h"

#define BATCH	    256
#define BUCKETS	    4096
#define IDLE_ROUNDS 60

struct sum {
	struct sum *next;
	struct wait_key key;
	struct wait_value now;
	struct wait_value reported;
	uint32_t active_round; /* in which it moved last */
};

static struct sum *buckets[BUCKETS];
static unsigned int count;
static uint32_t round_number;

static struct sum **bucket_of(const struct wait_key *key)
{
	uint64_t hash = key->fingerprint ^ ((uint64_t)key->target << 32) ^ ((uint64_t)key->database_oid << 16) ^
			key->user_oid ^ ((uint64_t)key->event << 24);

	return &buckets[(hash * 0x9E3779B97F4A7C15ULL) >> 52];
}

static int add(const struct wait_key *key, const struct wait_value *value)
{
	struct sum **bucket = bucket_of(key), *sum = *bucket;

	while (sum && memcmp(&sum->key, key, sizeof(*key)) != 0)
		sum = sum->next;
	if (!sum) {
		sum = calloc(1, sizeof(*sum));
		if (!sum)
			return -ENOMEM;
		sum->key = *key;
		sum->active_round = round_number;
		sum->next = *bucket;
		*bucket = sum;
		count++;
	}
	sum->now = *value;
	return 0;
}

static int read_map(struct engine *engine)
{
	static struct wait_key keys[BATCH];
	static struct wait_value values[BATCH];
	int map = bpf_map__fd(engine->skel->maps.waits);
	uint64_t position = 0;
	bool first = true;
	int code = 0;

	while (!code) {
		uint32_t read = BATCH;

		code = bpf_map_lookup_batch(map, first ? NULL : &position, &position, keys, values, &read, NULL);
		if (code && code != -ENOENT)
			return code;
		first = false;
		for (uint32_t i = 0; i < read; i++)
			if (add(&keys[i], &values[i]))
				return -ENOMEM;
	}
	return 0;
}

/* Class 0 stands for the events that PostgreSQL has no name for. */
static int read_overflow(struct engine *engine, uint32_t target)
{
	int map = bpf_map__fd(engine->skel->maps.overflow_waits);

	for (uint32_t class = 0; class < WAIT_CLASSES; class ++) {
		struct wait_key key = {.target = target, .fingerprint = FINGERPRINT_OVERFLOW};
		uint32_t index = target * WAIT_CLASSES + class;
		struct wait_value value;
		int code;

		key.event = class ? class << 24 | 0xffffff : WAIT_FURTHER;
		code = bpf_map_lookup_elem(map, &index, &value);
		if (code)
			return code;
		if (value.count && add(&key, &value))
			return -ENOMEM;
	}
	return 0;
}

int wait_sums_read(struct engine *engine)
{
	int code;

	round_number++;
	code = read_map(engine);
	for (unsigned int i = 0; i < MAX_TARGETS && !code; i++)
		if (target_at(i))
			code = read_overflow(engine, i);
	return code;
}

static void report(const struct sum *sum, const struct attached_target *target)
{
	output_begin("wait");
	output_string("target", target->name);
	output_fingerprint("fingerprint", sum->key.fingerprint);
	output_backend_type(target->server.major, sum->key.fingerprint);
	output_number("databaseOid", sum->key.database_oid);
	output_number("userOid", sum->key.user_oid);
	output_number("event", sum->key.event);
	output_number("count", sum->now.count - sum->reported.count);
	output_number("waitNs", sum->now.ns - sum->reported.ns);
	output_end();
}

/* Calls `each` for every sum of a target (UINT32_MAX: of all); those for which it returns false are forgotten. */
static void each_sum(uint32_t target, bool (*each)(struct sum *sum, void *context), void *context)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct sum **link = &buckets[i];

		while (*link) {
			struct sum *sum = *link;

			if ((target != UINT32_MAX && sum->key.target != target) || each(sum, context)) {
				link = &sum->next;
				continue;
			}
			*link = sum->next;
			free(sum);
			count--;
		}
	}
}

static bool report_if_moved(struct sum *sum, void *context)
{
	const struct attached_target *target = target_at(sum->key.target);

	(void)context;
	if (!target || memcmp(&sum->now, &sum->reported, sizeof(sum->now)) == 0)
		return true;
	report(sum, target);
	sum->reported = sum->now;
	sum->active_round = round_number;
	return true;
}

void wait_sums_report(uint32_t target)
{
	each_sum(target, report_if_moved, NULL);
}

static bool forget(struct sum *sum, void *context)
{
	struct engine *engine = context;

	if (sum->key.fingerprint != FINGERPRINT_OVERFLOW)
		bpf_map_delete_elem(bpf_map__fd(engine->skel->maps.waits), &sum->key);
	return false;
}

static bool forget_if_idle(struct sum *sum, void *context)
{
	if (sum->key.fingerprint == FINGERPRINT_OVERFLOW || round_number - sum->active_round < IDLE_ROUNDS)
		return true;
	return forget(sum, context);
}

void wait_sums_tidy(struct engine *engine)
{
	if (count > MAX_WAITS / 4 * 3)
		each_sum(UINT32_MAX, forget_if_idle, engine);
}

void wait_sums_forget(struct engine *engine, uint32_t target)
{
	each_sum(target, forget, engine);
}
