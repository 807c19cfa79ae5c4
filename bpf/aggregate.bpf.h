/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sums per query, in the kernel: what leaves it depends on the number of different queries, not of
 * executions. */
#ifndef PGSCOPE_AGGREGATE_BPF_H
#define PGSCOPE_AGGREGATE_BPF_H

/* 0 → an empty value, from which new queries start */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct query_value);
} empty_query SEC(".maps");

static __always_inline u32 highest_bit(u64 value)
{
	u32 bit = 0;

	if (value >> 32) {
		bit += 32;
		value >>= 32;
	}
	if (value >> 16) {
		bit += 16;
		value >>= 16;
	}
	if (value >> 8) {
		bit += 8;
		value >>= 8;
	}
	if (value >> 4) {
		bit += 4;
		value >>= 4;
	}
	if (value >> 2) {
		bit += 2;
		value >>= 2;
	}
	return bit + (value >> 1);
}

/* seconds × 2^34, so that bucket bounds are those of OpenTelemetry, which are powers of two of
 * seconds, not of ns */
#define SECONDS_SCALED_BITS   34
#define SECONDS_PER_NS_SCALED 18014399ULL /* 2^34 / 10^9 × 2^20 */

/* Index into query_value.buckets of a duration. */
static __always_inline u32 histogram_bucket(u64 ns)
{
	u64 scaled, mantissa;
	s32 bucket;
	u32 bit;

	if (ns < 1000)
		return 0;
	if (ns >> 40)
		return HISTOGRAM_BUCKETS - 1;
	scaled = ns >> 38 ? ((ns >> 4) * SECONDS_PER_NS_SCALED) >> 16 : (ns * SECONDS_PER_NS_SCALED) >> 20;
	bit = highest_bit(scaled);
	mantissa = (scaled << (63 - bit)) >> 31; /* 2^32 to 2^33 */
	bucket = ((s32)bit - SECONDS_SCALED_BITS) * 8 - HISTOGRAM_OFFSET;
	/* 2^(k/8) × 2^32 */
	bucket += mantissa > 4683695048ULL;
	bucket += mantissa > 5107605667ULL;
	bucket += mantissa > 5569883376ULL;
	bucket += mantissa > 6074001000ULL;
	bucket += mantissa > 6623745061ULL;
	bucket += mantissa > 7223245209ULL;
	bucket += mantissa > 7877004754ULL;
	if (bucket < 0)
		return 0;
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* Where to add what belongs to a query. `statement`: it counts as one, also among those of the overflow series. */
static __always_inline struct query_value *query_value_of(const struct backend *backend, u64 fingerprint,
							  bool statement)
{
	struct query_key key = {
		.target = backend->target,
		.database_oid = backend->database_oid,
		.user_oid = backend->user_oid,
		.shard = bpf_get_smp_processor_id() & shard_mask,
		.fingerprint = fingerprint,
	};
	struct query_value *value = bpf_map_lookup_elem(&queries, &key);
	struct query_value *empty;
	u32 zero = 0, overflow;

	if (value)
		return value;
	empty = bpf_map_lookup_elem(&empty_query, &zero);
	if (!empty)
		return NULL;
	bpf_map_update_elem(&queries, &key, empty, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&queries, &key);
	if (value)
		return value;
	if (statement)
		count_loss(LOSS_QUERIES_OVERFLOW);
	overflow = backend->target * (shard_mask + 1) + key.shard;
	return bpf_map_lookup_elem(&overflow_queries, &overflow);
}

static __always_inline void add(unsigned long long *sum, u64 value)
{
	if (value)
		__sync_fetch_and_add(sum, value);
}

/* Adds backend->delta, and nothing else, to a query. */
static __noinline int add_delta(struct backend *backend, u64 fingerprint)
{
	struct query_value *value;
	u64 any = 0;

	if (!backend)
		return -1;
	for (int i = 0; i < SUMS; i++)
		any |= backend->delta.value[i];
	if (!any)
		return 0;
	value = query_value_of(backend, fingerprint, false);
	if (!value)
		return -1;
	for (int i = 0; i < SUMS; i++)
		add(&value->sums.value[i], backend->delta.value[i]);
	return 0;
}

/* Adds the pending statement, with backend->delta, to its query. */
static __noinline int add_statement(struct backend *backend, u64 duration_ns)
{
	const struct pending *pending = &backend->pending;
	struct query_value *value;
	bool counted;
	u32 bucket;

	if (!backend)
		return -1;
	counted = pending->call || pending->state == PENDING_FAILED;
	value = query_value_of(backend, pending->fingerprint, counted);
	if (!value)
		return -1;
	if (pending->state == PENDING_FAILED)
		__sync_fetch_and_add(&value->errors, 1);
	else
		add(&value->calls, pending->call);
	add(&value->rows, pending->rows);
	add(&value->duration_ns, duration_ns);
	for (int i = 0; i < SUMS; i++)
		add(&value->sums.value[i], backend->delta.value[i]);
	bucket = histogram_bucket(duration_ns);
	if (bucket < HISTOGRAM_BUCKETS && counted)
		__sync_fetch_and_add(&value->buckets[bucket], 1);
	return 0;
}

#endif
