/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The maps, and what is set before loading. Sizes marked "set at load" depend on the host's CPUs.
 */
#ifndef PGSCOPE_MAPS_BPF_H
#define PGSCOPE_MAPS_BPF_H

#define SCRATCH_PER_CPU 4

/* A place to work on one text. Not per CPU: a uprobe's program can be preempted by another one's on
 * the same CPU. */
struct scratch {
	u32 busy;
	u32 length; /* of the text, without its end */
	u32 truncated;
	u32 unused;
	u64 address; /* of the text in the backend's memory */
	u64 hash;    /* of the raw text */
	struct lexer lexer;
	union {
		struct query_event query;
		struct statement_event statement;
	};
	char text[TEXT_MAX + 64]; /* directly behind the event; 64: the hash reads whole blocks */
};

/* Who came onto a CPU, and when. */
struct last_switch {
	u64 at_ns;
	u64 offset_ns; /* of the scheduler's clock, as the switch before has shown it */
	u32 pid;
	u32 unused;
};

/* task → struct backend; created by the tracer (present processes) and at fork; freed with the task
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct backend);
} backends SEC(".maps");

/* target index → struct target; written by the tracer */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_TARGETS);
	__type(key, u32);
	__type(value, struct target);
} targets SEC(".maps");

/* target index → struct target_counts; written here, read by the tracer */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_TARGETS);
	__type(key, u32);
	__type(value, struct target_counts);
} target_counts SEC(".maps");

/* query and shard → cumulative sums; written here, read (and, when idle, deleted) by the tracer;
 * set at load */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct query_key);
	__type(value, struct query_value);
} queries SEC(".maps");

/* target index × shards + shard → cumulative sums of the target's queries that found `queries` full. A map of its own,
 * so that they always have a place. Written here, read (and emptied at attach) by the tracer; set at load */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_TARGETS);
	__type(key, u32);
	__type(value, struct query_value);
} overflow_queries SEC(".maps");

/* query and wait event → cumulative sums; written here, read (and, when idle, deleted) by the tracer */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_WAITS);
	__type(key, struct wait_key);
	__type(value, struct wait_value);
} waits SEC(".maps");

/* target index × WAIT_CLASSES + class of the event → cumulative sums of the waits that found `waits` full */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_TARGETS *WAIT_CLASSES);
	__type(key, u32);
	__type(value, struct wait_value);
} overflow_waits SEC(".maps");

/* 0 → the last switch on this CPU, while the scheduler's clock is not known; per CPU */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct last_switch);
} last_switches SEC(".maps");

/* hash of a raw text and its part's number → struct text_facts, so that a known text is not read by
 * the lexer again */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct text_facts);
} texts SEC(".maps");

/* target, its generation, fingerprint → 1: the text has been sent to user space */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct fingerprint_key);
	__type(value, u8);
} known_queries SEC(".maps");

/* target, its generation, database, user → 1: their names have been sent */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct identity_key);
	__type(value, u8);
} known_identities SEC(".maps");

/* hash of process and name of a prepared statement → hash of the portal that used the trace context of its text first;
 * written here, and deleted when the name is prepared anew */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, u64);
} used_contexts SEC(".maps");

/* slot → struct scratch; SCRATCH_PER_CPU × CPUs slots, set at load */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* 0 → counts of enum loss; per CPU */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LOSSES);
	__type(key, u32);
	__type(value, u64);
} losses SEC(".maps");

/* events for the tracer */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

const volatile u32 shard_mask = 0;	  /* CPUs share sums by shard */
const volatile bool sees_sockets = false; /* each send and receive, one by one */
const volatile struct lexer_words words = {};

/* wall clock = bpf_ktime_get_ns() + this; kept in step by the tracer */
volatile u64 wall_clock_offset_ns = 0;

/* bpf_ktime_get_ns() = the clock of the kernel's notes on scheduling + this; 0: not known yet. The tracer makes it
 * stale each second, as the clocks drift apart, and it is learned again */
volatile u64 scheduler_clock_offset_ns = 0;
volatile u32 scheduler_clock_stale = 1;

static __always_inline void count_loss(u32 loss)
{
	u64 *count = bpf_map_lookup_elem(&losses, &loss);

	if (count)
		__sync_fetch_and_add(count, 1);
}

#endif
