// SPDX-License-Identifier: Apache-2.0
/* The kernel's maps of the drain's test, whose reading fails when the test wants it, and what was ever added to them.
 */
#ifndef PGSCOPE_DRAIN_MAPS_H
#define PGSCOPE_DRAIN_MAPS_H

#include <errno.h>

#include "../../bpf/tracer.h"
#include "check.h"

#define TARGETS	   3
#define GONE	   2 /* the one that was detached while nothing could be read */
#define QUERIES	   300
#define SHARDS	   4
#define EVENT	   0x01000000U	/* what every query waits for */
#define IMPOSSIBLE (1ULL << 40) /* a difference that has become negative is larger */

enum { QUERY_MAP = 1, OVERFLOW_MAP, WAIT_MAP, OVERFLOW_WAIT_MAP }; /* descriptors */

/* What the kernel would hold of one target, and what was ever added to it and told. */
static struct counted {
	struct query_value kernel[QUERIES][SHARDS], overflow[SHARDS];
	struct wait_value waits[QUERIES];
	bool exists[QUERIES][SHARDS];
	struct query_value added[QUERIES + 1], told[QUERIES + 1];
	struct wait_value waited[QUERIES + 1], waits_told[QUERIES + 1];
} counted[TARGETS];

static int fails_in = -1; /* reads until one fails; -1: none does */

static int fake_fd(const struct bpf_map *map)
{
	return (int)(long)map;
}

static bool fails(void)
{
	return fails_in >= 0 && fails_in-- == 0;
}

static bool read_query(uint64_t at, struct query_key *key, struct query_value *value)
{
	unsigned int target = at / SHARDS / QUERIES, query = at / SHARDS % QUERIES, shard = at % SHARDS;

	if (!counted[target].exists[query][shard])
		return false;
	*key = (struct query_key){.target = target, .shard = shard, .fingerprint = query, .user_oid = 10};
	*value = counted[target].kernel[query][shard];
	return true;
}

static bool read_wait(uint64_t at, struct wait_key *key, struct wait_value *value)
{
	unsigned int target = at / QUERIES, query = at % QUERIES;

	*key = (struct wait_key){.target = target, .event = EVENT, .fingerprint = query, .user_oid = 10};
	*value = counted[target].waits[query];
	return value->count;
}

static int fake_lookup_batch(int fd, const void *from, void *to, void *keys, void *values, uint32_t *count)
{
	uint64_t at = from ? *(const uint64_t *)from : 0;
	uint64_t end = TARGETS * QUERIES * (fd == QUERY_MAP ? SHARDS : 1);
	uint32_t found = 0;

	CHECK(fd == QUERY_MAP || fd == WAIT_MAP);
	if (fails())
		return -ENOMEM;
	for (; at < end && found < *count; at++)
		if (fd == QUERY_MAP)
			found += read_query(at, (struct query_key *)keys + found, (struct query_value *)values + found);
		else
			found += read_wait(at, (struct wait_key *)keys + found, (struct wait_value *)values + found);
	*(uint64_t *)to = at;
	*count = found;
	return at < end ? 0 : -ENOENT;
}

static int fake_lookup(int fd, const uint32_t *index, void *value)
{
	CHECK(fd == OVERFLOW_MAP || fd == OVERFLOW_WAIT_MAP);
	if (fails())
		return -ENOMEM;
	if (fd == OVERFLOW_WAIT_MAP) {
		CHECK(*index < GONE * WAIT_CLASSES);
		*(struct wait_value *)value = (struct wait_value){};
		return 0;
	}
	CHECK(*index < GONE * SHARDS);
	*(struct query_value *)value = counted[*index / SHARDS].overflow[*index % SHARDS];
	return 0;
}

static int fake_delete(int fd, const void *key)
{
	const struct query_key *query = key;
	const struct wait_key *wait = key;

	CHECK(fd == QUERY_MAP || fd == WAIT_MAP);
	if (fd == WAIT_MAP) {
		counted[wait->target].waits[wait->fingerprint] = (struct wait_value){};
	} else if (query->fingerprint < QUERIES) {
		counted[query->target].exists[query->fingerprint][query->shard] = false;
		counted[query->target].kernel[query->fingerprint][query->shard] = (struct query_value){};
	}
	return 0;
}

#endif
