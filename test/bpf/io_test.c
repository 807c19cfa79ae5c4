// SPDX-License-Identifier: Apache-2.0
/* Sums of system calls on files against maps that fail now and then: each call is told once, and of a target that is
 * gone nothing stays. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "../../bpf/engine.h"
#include "check.h"

static int fake_lookup_batch(void *to, void *keys, void *values, uint32_t *count, bool first);
static int fake_lookup(const uint32_t *index, void *value);
static int fake_delete(const void *key);
static int fake_update(const uint32_t *index);

#define bpf_map__fd(map) ((void)(map), 0)
#define bpf_map_lookup_batch(fd, from, to, keys, values, count, flags)                                                 \
	fake_lookup_batch(to, keys, values, count, ((void)(fd), (from) == NULL))
#define bpf_map_lookup_elem(fd, key, value)	   ((void)(fd), fake_lookup(key, value))
#define bpf_map_delete_elem(fd, key)		   ((void)(fd), fake_delete(key))
#define bpf_map_update_elem(fd, key, value, flags) ((void)(fd), (void)(value), fake_update(key))
#include "../../bpf/io.c"

#define KEYS 150 /* more than a batch */

static struct attached_target targets[2] = {
	{.name = "0", .index = 0, .server.major = 18},
	{.name = "1", .index = 1, .server.major = 18},
};
static struct io_value kernel[KEYS], told[KEYS], overflow, overflow_told;
static bool exists[KEYS];
static int fails_in = -1;
static unsigned int lines, deleted, emptied;
/* the line that is being written */
static struct io_value *line;
static int target_told, bucket;

static struct io_key key_at(unsigned int i)
{
	return (struct io_key){
		.target = i % 2, .backend_type = 1, .operation = i % IO_OPERATIONS, .event = 0x0a000000U + i};
}

static bool fails(void)
{
	return fails_in >= 0 && fails_in-- == 0;
}

static int fake_lookup_batch(void *to, void *keys, void *values, uint32_t *count, bool first)
{
	static unsigned int at;
	uint32_t found = 0;

	at = first ? 0 : at;
	if (fails())
		return -ENOMEM;
	for (; at < KEYS && found < *count; at++)
		if (exists[at]) {
			((struct io_key *)keys)[found] = key_at(at);
			((struct io_value *)values)[found++] = kernel[at];
		}
	*(uint64_t *)to = at;
	*count = found;
	return at < KEYS ? 0 : -ENOENT;
}

/* One place of target 0 is used: the calls that found the map full. */
static int fake_lookup(const uint32_t *index, void *value)
{
	CHECK(*index < 2 * IO_OPERATIONS);
	*(struct io_value *)value = *index == IO_SYNC ? overflow : (struct io_value){};
	return fails() ? -ENOMEM : 0;
}

static int fake_delete(const void *key)
{
	const struct io_key *gone = key;

	CHECK(gone->event != IO_FURTHER);
	exists[gone->event & 0xffffff] = false;
	deleted++;
	return 0;
}

static int fake_update(const uint32_t *index)
{
	CHECK(*index >= IO_OPERATIONS && *index < 2 * IO_OPERATIONS);
	emptied++;
	return 0;
}

struct attached_target *target_at(unsigned int index)
{
	return index < 2 ? &targets[index] : NULL;
}

void output_begin(const char *type)
{
	CHECK_TEXT(type, "io");
	lines++;
}

void output_string(const char *key, const char *value)
{
	if (strcmp(key, "target") == 0)
		target_told = atoi(value);
	else if (strcmp(key, "backendType") == 0)
		CHECK(!strcmp(value, "client backend") || !strcmp(value, "other"));
	else
		CHECK(!strcmp(key, "operation"));
}

void output_number(const char *key, uint64_t value)
{
	CHECK(value < 1ULL << 40); /* a difference that has become negative is larger */
	if (key && strcmp(key, "event") == 0) {
		line = value == IO_FURTHER ? &overflow_told : &told[value & 0xffffff];
		CHECK_EQUAL(target_told, value == IO_FURTHER ? 0 : (int)(value & 1));
	} else if (!key) {
		line->buckets[bucket++] += value;
	} else if (strcmp(key, "calls") == 0) {
		line->calls += value;
	} else if (strcmp(key, "durationNs") == 0) {
		line->ns += value;
	} else if (strcmp(key, "errors") == 0) {
		line->errors += value;
	} else if (strcmp(key, "bytes") == 0) {
		line->bytes += value;
	} else if (strcmp(key, "storageReadBytes") == 0) {
		line->storage_read_bytes += value;
	} else {
		CHECK_TEXT(key, "scale");
		CHECK_EQUAL(value, 2);
	}
}

void output_counter(const char *key, uint64_t value)
{
	if (value)
		output_number(key, value);
}

void output_signed(const char *key, int64_t value)
{
	CHECK_TEXT(key, "offset");
	bucket = value - IO_OFFSET;
	CHECK(bucket >= 0 && bucket < IO_BUCKETS);
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

static void call(struct io_value *value)
{
	value->calls++;
	value->errors += check_random() % 2;
	value->bytes += check_random() % 8192;
	value->storage_read_bytes += check_random() % 100;
	value->ns += check_random() % 100000;
	value->buckets[check_random() % IO_BUCKETS]++;
}

static void some_calls(void)
{
	for (int i = check_random() % 40; i > 0; i--) {
		unsigned int at = check_random() % KEYS;

		exists[at] = true;
		call(&kernel[at]);
	}
	if (check_random() % 4 == 0)
		call(&overflow);
}

static void all_is_told(struct engine *engine)
{
	fails_in = -1;
	CHECK_EQUAL(io_read(engine), 0);
	io_report(engine, NULL);
	CHECK(memcmp(kernel, told, sizeof(kernel)) == 0);
	CHECK(memcmp(&overflow, &overflow_told, sizeof(overflow)) == 0);
}

int main(void)
{
	static struct tracer_bpf skel;
	struct engine engine = {.skel = &skel};
	unsigned int failed = 0, before;

	for (int step = 0; step < 3000; step++) {
		some_calls();
		fails_in = check_random() % 3 ? -1 : (int)(check_random() % 6);
		if (io_read(&engine))
			failed++;
		else
			io_report(&engine, check_random() % 2 ? NULL : &targets[check_random() % 2]);
		if (step % 100 == 0)
			all_is_told(&engine);
	}
	all_is_told(&engine);
	CHECK(failed > 100);
	before = lines;
	io_report(&engine, NULL);
	CHECK_EQUAL(lines, before); /* what has not grown has no line */
	io_forget(&engine, 1);
	CHECK_EQUAL(deleted, KEYS / 2);
	CHECK_EQUAL(io_empty_overflow(&engine, 1), 0);
	CHECK_EQUAL(emptied, IO_OPERATIONS);
	all_is_told(&engine);
	io_forget(&engine, 0);
	CHECK_EQUAL(deleted, KEYS);
	return CHECK_DONE();
}
