// SPDX-License-Identifier: Apache-2.0
/*
 * The queries that the tracer knows, with their shards added up and what it has told of each. Rounds: what the maps
 * hold is added anew in each, and told only when the whole round could be read, so that a reading which fails in the
 * middle tells nothing, and the next one tells it all.
 */
#ifndef PGSCOPE_QUERIES_H
#define PGSCOPE_QUERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer.h"

/* What a query has waited for, by event. */
struct query_wait {
	struct query_wait *next;
	uint32_t event;
	struct wait_value now;
	struct wait_value reported;
};

struct query {
	struct query *next;
	struct query_key key;	     /* shard 0 */
	struct query_value now;	     /* as far as this round has been read */
	struct query_value reported; /* when it was told last */
	struct query_wait *waits;
	uint32_t round;	       /* that has seen it last */
	uint32_t active_round; /* in which it did something last */
};

void query_value_add(struct query_value *sum, const struct query_value *value);

void queries_begin_round(void);
/* One shard's sums of this round. -1: no memory, the round is incomplete. */
int queries_add(const struct query_key *key, const struct query_value *value);
/* The same of the sums of one wait event of a query. */
int queries_add_wait(const struct wait_key *key, const struct wait_value *value);
/* The query has done something since it was told last. The histogram moves only with calls and errors. */
bool query_has_moved(const struct query *query);
bool query_wait_has_moved(const struct query_wait *wait);
void query_reported(struct query *query);
bool query_is_idle(const struct query *query, uint32_t rounds);

/* Calls `each` for every query of a target (UINT32_MAX: of all); those for which it returns false are forgotten. */
void queries_each(uint32_t target, bool (*each)(struct query *query, void *context), void *context);
unsigned int queries_count(void);
unsigned int queries_wait_count(void);

#endif
