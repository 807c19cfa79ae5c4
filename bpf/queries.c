// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "queries.h"

#define BUCKETS 4096

static struct query *buckets[BUCKETS];
static unsigned int count, wait_count;
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
	count++;
	return query;
}

void query_value_add(struct query_value *sum, const struct query_value *value)
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

void queries_begin_round(void)
{
	round_number++;
}

int queries_add(const struct query_key *key, const struct query_value *value)
{
	struct query *query = find_or_make(key);

	if (!query)
		return -1;
	if (query->round != round_number)
		memset(&query->now, 0, sizeof(query->now));
	query->round = round_number;
	query_value_add(&query->now, value);
	return 0;
}

int queries_add_wait(const struct wait_key *key, const struct wait_value *value)
{
	struct query_key query_key = {.target = key->target,
				      .database_oid = key->database_oid,
				      .user_oid = key->user_oid,
				      .fingerprint = key->fingerprint};
	struct query *query = find_or_make(&query_key);
	struct query_wait *wait;

	if (!query)
		return -1;
	for (wait = query->waits; wait && wait->event != key->event; wait = wait->next)
		;
	if (!wait) {
		wait = calloc(1, sizeof(*wait));
		if (!wait)
			return -1;
		wait->event = key->event;
		wait->next = query->waits;
		query->waits = wait;
		wait_count++;
	}
	wait->now = *value;
	return 0;
}

bool query_wait_has_moved(const struct query_wait *wait)
{
	return memcmp(&wait->now, &wait->reported, sizeof(wait->now)) != 0;
}

bool query_has_moved(const struct query *query)
{
	for (const struct query_wait *wait = query->waits; wait; wait = wait->next)
		if (query_wait_has_moved(wait))
			return true;
	return query->round == round_number &&
	       memcmp(&query->now, &query->reported, offsetof(struct query_value, buckets)) != 0;
}

void query_reported(struct query *query)
{
	for (struct query_wait *wait = query->waits; wait; wait = wait->next)
		wait->reported = wait->now;
	query->reported = query->now;
	query->active_round = round_number;
}

static void free_query(struct query *query)
{
	while (query->waits) {
		struct query_wait *wait = query->waits;

		query->waits = wait->next;
		free(wait);
		wait_count--;
	}
	free(query);
	count--;
}

bool query_is_idle(const struct query *query, uint32_t rounds)
{
	return round_number - query->active_round >= rounds;
}

void queries_each(uint32_t target, bool (*each)(struct query *query, void *context), void *context)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct query **link = &buckets[i];

		while (*link) {
			struct query *query = *link;

			if ((target != UINT32_MAX && query->key.target != target) || each(query, context)) {
				link = &query->next;
				continue;
			}
			*link = query->next;
			free_query(query);
		}
	}
}

unsigned int queries_count(void)
{
	return count;
}

unsigned int queries_wait_count(void)
{
	return wait_count;
}
