// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "io_layout.h"
#include "layout.h"
#include "map_batch.h"
#include "output.h"

#define BUCKETS 256
#define BATCH	64

static const char *const operation_names[IO_OPERATIONS] = {
	[IO_READ] = "read",	      [IO_WRITE] = "write", [IO_ALLOCATE] = "allocate",
	[IO_WRITEBACK] = "writeback", [IO_SYNC] = "sync",   [IO_RING] = "io_uring",
};

/* One entry of the kernel's map, or of the places for what found it full. */
struct io_sum {
	struct io_sum *next;
	struct io_key key;
	struct io_value now;
	struct io_value reported;
};

_Static_assert(HISTOGRAM_OFFSET % 2 == 0 && HISTOGRAM_BUCKETS % 2 == 0, "two buckets become one");

static struct io_sum *buckets[BUCKETS];

static struct io_sum **bucket_of(const struct io_key *key)
{
	unsigned int hash = key->target * 31 + key->backend_type;

	hash = (hash * 31 + key->operation) * 31 + key->event;
	return &buckets[(hash * 2654435761U) >> 24];
}

static int set(const struct io_key *key, const struct io_value *value)
{
	struct io_sum **bucket = bucket_of(key), *sum;

	for (sum = *bucket; sum && memcmp(&sum->key, key, sizeof(*key)) != 0; sum = sum->next)
		;
	if (!sum) {
		sum = calloc(1, sizeof(*sum));
		if (!sum)
			return -ENOMEM;
		sum->key = *key;
		sum->next = *bucket;
		*bucket = sum;
	}
	sum->now = *value;
	return 0;
}

static int set_entry(const void *key, const void *value)
{
	return set(key, value);
}

static int read_map(struct engine *engine)
{
	static struct io_key keys[BATCH];
	static struct io_value values[BATCH];
	const struct map_batch batch = {keys, values, sizeof(*keys), sizeof(*values), BATCH};

	return map_each(bpf_map__fd(engine->skel->maps.io), &batch, set_entry);
}

static int read_overflow(struct engine *engine, unsigned int target)
{
	int map = bpf_map__fd(engine->skel->maps.overflow_io);

	for (uint32_t operation = 0; operation < IO_OPERATIONS; operation++) {
		struct io_key key = {.target = target, .operation = operation, .event = IO_FURTHER};
		uint32_t index = target * IO_OPERATIONS + operation;
		struct io_value value;
		int code = bpf_map_lookup_elem(map, &index, &value);

		if (code)
			return code;
		if (value.calls && set(&key, &value))
			return -ENOMEM;
	}
	return 0;
}

int io_read(struct engine *engine)
{
	int code = read_map(engine);

	for (unsigned int i = 0; i < MAX_TARGETS && !code; i++)
		if (target_at(i))
			code = read_overflow(engine, i);
	return code;
}

static void output_durations(const struct io_value *now, const struct io_value *before)
{
	int from = 0, to = IO_BUCKETS;

	while (from < to && now->buckets[from] == before->buckets[from])
		from++;
	while (to > from && now->buckets[to - 1] == before->buckets[to - 1])
		to--;
	output_object("durations");
	output_number("scale", IO_SCALE);
	output_signed("offset", IO_OFFSET + from);
	output_array("counts");
	for (int i = from; i < to; i++)
		output_number(NULL, now->buckets[i] - before->buckets[i]);
	output_array_end();
	output_object_end();
}

static void report(const struct io_sum *sum, const struct attached_target *target)
{
	const struct io_value *now = &sum->now, *before = &sum->reported;
	const char *type = backend_type_name(target->server.major, sum->key.backend_type);

	output_begin("io");
	output_string("target", target->name);
	output_string("backendType", type ? type : "other");
	output_string("operation", operation_names[sum->key.operation]);
	output_number("event", sum->key.event);
	output_number("calls", now->calls - before->calls);
	output_counter("errors", now->errors - before->errors);
	output_counter("bytes", now->bytes - before->bytes);
	output_counter("storageReadBytes", now->storage_read_bytes - before->storage_read_bytes);
	output_number("durationNs", now->ns - before->ns);
	output_durations(now, before);
	output_end();
}

void io_forget(struct engine *engine, unsigned int target)
{
	int map = bpf_map__fd(engine->skel->maps.io);

	for (int i = 0; i < BUCKETS; i++)
		for (struct io_sum **link = &buckets[i]; *link;) {
			struct io_sum *sum = *link;

			if (sum->key.target != target) {
				link = &sum->next;
				continue;
			}
			if (sum->key.event != IO_FURTHER)
				bpf_map_delete_elem(map, &sum->key);
			*link = sum->next;
			free(sum);
		}
}

/* A target was detached, and no drain could read these then. */
static void forget_detached(struct engine *engine)
{
	bool seen[MAX_TARGETS] = {};

	for (int i = 0; i < BUCKETS; i++)
		for (const struct io_sum *sum = buckets[i]; sum; sum = sum->next)
			seen[sum->key.target] = true;
	for (unsigned int i = 0; i < MAX_TARGETS; i++)
		if (seen[i] && !target_at(i))
			io_forget(engine, i);
}

void io_report(struct engine *engine, const struct attached_target *only)
{
	forget_detached(engine);
	for (int i = 0; i < BUCKETS; i++)
		for (struct io_sum *sum = buckets[i]; sum; sum = sum->next) {
			const struct attached_target *target = target_at(sum->key.target);

			if ((only && target != only) || sum->now.calls == sum->reported.calls)
				continue;
			report(sum, target);
			sum->reported = sum->now;
		}
}

int io_empty_overflow(struct engine *engine, unsigned int target)
{
	static const struct io_value empty;

	for (uint32_t operation = 0; operation < IO_OPERATIONS; operation++) {
		uint32_t index = target * IO_OPERATIONS + operation;

		if (bpf_map_update_elem(bpf_map__fd(engine->skel->maps.overflow_io), &index, &empty, BPF_ANY))
			return -1;
	}
	return 0;
}
