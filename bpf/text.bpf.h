/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Statement texts: reading, hashing, fingerprints. */
#ifndef PGSCOPE_TEXT_BPF_H
#define PGSCOPE_TEXT_BPF_H

#define TEXT_MASK (TEXT_MAX - 1)

static __always_inline struct scratch *scratch_claim(void)
{
	u32 first = bpf_get_smp_processor_id() * SCRATCH_PER_CPU;

	for (u32 i = 0; i < SCRATCH_PER_CPU; i++) {
		u32 slot = first + i;
		struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);

		if (scratch && !__sync_val_compare_and_swap(&scratch->busy, 0, 1))
			return scratch;
	}
	count_loss(LOSS_SCRATCH_BUSY);
	return NULL;
}

static __always_inline void scratch_release(struct scratch *scratch)
{
	__sync_lock_test_and_set(&scratch->busy, 0);
}

struct text_loop {
	struct scratch *scratch;
	u64 hash;
};

/* 64 bytes of the raw text into the hash, eight at a step. */
static long hash_block(u32 index, struct text_loop *loop)
{
	u32 offset = (index * 64) & TEXT_MASK;
	u64 *block = (u64 *)(loop->scratch->text + offset);
	u64 hash = loop->hash;

	for (int i = 0; i < 8; i++) {
		hash = (hash ^ block[i]) * HASH_MULTIPLIER;
		hash ^= hash >> 32;
	}
	loop->hash = hash;
	return 0;
}

/* Reads the text at a user address. 0: nothing can be read; else its hash, and scratch holds it. */
static __noinline u64 text_read(struct scratch *scratch, u64 address)
{
	struct text_loop loop = {.scratch = scratch, .hash = HASH_SEED};
	long size;
	u32 length;

	if (!scratch)
		return 0;
	size = bpf_probe_read_user_str(scratch->text, TEXT_MAX, (void *)address);
	if (size <= 0)
		return 0;
	length = size - 1;
	scratch->address = address;
	scratch->length = length;
	scratch->truncated = length == TEXT_MAX - 1;
	/* what stands behind the text must not count */
	__builtin_memset(scratch->text + (length & TEXT_MASK), 0, 64);
	bpf_loop((length + 63) / 64, hash_block, &loop, 0);
	scratch->hash = loop.hash ? loop.hash : 1;
	return scratch->hash;
}

/* The barrier keeps clang from taking the map's initial zeros, which are not what the tracer fills in, for constants.
 */
static __always_inline const struct lexer_words *lexer_words(void)
{
	const struct lexer_words *set = (const struct lexer_words *)&words;

	barrier_var(set);
	return set;
}

static long lex_byte(u32 index, struct text_loop *loop)
{
	struct scratch *scratch = loop->scratch;

	lexer_byte(&scratch->lexer, lexer_words(), scratch->text[index & TEXT_MASK], index);
	return 0;
}

/* Sends the text in scratch to user space if this fingerprint is new to it. */
static __noinline int text_publish(struct scratch *scratch, u32 target, u32 generation, const struct text_facts *facts)
{
	struct fingerprint_key key = {.target = target, .generation = generation};
	struct query_event *event;
	u8 one = 1;
	u32 length;

	if (!scratch || !facts)
		return -1;
	key.fingerprint = facts->fingerprint;
	if (bpf_map_lookup_elem(&known_queries, &key))
		return 0;
	event = &scratch->query;
	length = scratch->length & TEXT_MASK;
	event->type = EVENT_QUERY;
	event->target = target;
	event->fingerprint = facts->fingerprint;
	event->begin = facts->begin;
	event->end = facts->end;
	event->length = length;
	event->truncated = scratch->truncated;
	if (bpf_ringbuf_output(&events, event, EVENT_TEXT_OFFSET + length, 0)) {
		count_loss(LOSS_QUERY_TEXTS_RING_FULL);
		return -1; /* tried again when it runs again */
	}
	bpf_map_update_elem(&known_queries, &key, &one, BPF_ANY);
	return 0;
}

/*
 * The facts of the text in scratch, its part number `part` (of a string of several statements). A text that the target
 * has sent before is found by its hash; a new one is read by the lexer and made known.
 */
static __noinline int text_facts_of(struct scratch *scratch, u32 target, u32 generation, u32 part,
				    struct text_facts *facts)
{
	struct text_loop loop = {.scratch = scratch};
	struct text_facts *known, stored;
	u64 key;

	if (!scratch || !facts)
		return -1;
	key = hash_mix(hash_mix(scratch->hash, part), generation);
	known = bpf_map_lookup_elem(&texts, &key);
	if (known && known->published) {
		*facts = *known;
		return 0;
	}
	lexer_start(&scratch->lexer, part);
	bpf_loop(scratch->length, lex_byte, &loop, 0);
	lexer_finish(&scratch->lexer, lexer_words(), scratch->length);
	facts->fingerprint = scratch->lexer.fingerprint;
	if (facts->fingerprint < 2 * FINGERPRINT_AUTOVACUUM || facts->fingerprint == FINGERPRINT_OVERFLOW)
		facts->fingerprint = 2 * FINGERPRINT_AUTOVACUUM; /* not one of the reserved ones */
	facts->begin = scratch->lexer.begin;
	facts->end = scratch->lexer.end;
	facts->context = scratch->lexer.context;
	facts->last = !scratch->lexer.after_tokens;
	if (scratch->truncated)
		count_loss(LOSS_TEXT_TRUNCATED);
	facts->published = text_publish(scratch, target, generation, facts) == 0;
	stored = *facts; /* before Linux 6.4 only the stack and maps may go into a map */
	bpf_map_update_elem(&texts, &key, &stored, BPF_ANY);
	return 0;
}

#define TAIL_BYTES  1024 /* of a long text's end that are looked at */
#define TAIL_BLANKS 64	 /* space and semicolons behind its last comment, at most */
#define TAIL_CHUNKS 256	 /* of TEXT_MAX bytes: where the end is looked for, 4 MiB */

struct tail_loop {
	struct scratch *scratch;
	u64 address; /* up to where the text has been read */
	u32 found;   /* that is its end */
};

static long tail_chunk(u32 index, struct tail_loop *loop)
{
	long size = bpf_probe_read_user_str(loop->scratch->text, TEXT_MAX, (void *)loop->address);

	if (size <= 0)
		return 1;
	loop->address += size - 1;
	loop->found = size < TEXT_MAX;
	return loop->found;
}

static long tail_byte(u32 index, struct text_loop *loop)
{
	struct scratch *scratch = loop->scratch;

	lexer_tail_byte(&scratch->lexer, scratch->text[index & TEXT_MASK], index);
	return 0;
}

/* From the end on: the last byte that is neither space nor semicolon. */
static long tail_last(u32 index, struct text_loop *loop)
{
	u8 c = loop->scratch->text[(TAIL_BYTES - 1 - index) & TEXT_MASK];

	loop->hash = c;
	return !is_space(c) && c != ';';
}

/* Most long texts end without a comment: it need not be looked for. */
static __always_inline bool tail_ends_in_comment(struct scratch *scratch)
{
	struct text_loop loop = {.scratch = scratch};

	bpf_loop(TAIL_BLANKS, tail_last, &loop, 0);
	return loop.hash == '/';
}

/* The end of the text into scratch->text, in place of its begin, and where the context is in there into `facts`. */
static __noinline int text_tail_read(struct scratch *scratch, struct text_facts *facts)
{
	struct tail_loop tail = {.scratch = scratch};
	struct text_loop loop = {.scratch = scratch};

	if (!scratch || !facts)
		return -1;
	facts->context = 0;
	tail.address = scratch->address + scratch->length;
	bpf_loop(TAIL_CHUNKS, tail_chunk, &tail, 0);
	if (!tail.found || bpf_probe_read_user(scratch->text, TAIL_BYTES, (void *)(tail.address - TAIL_BYTES))) {
		count_loss(LOSS_TEXT_ENDS_UNREAD);
		return -1;
	}
	if (!tail_ends_in_comment(scratch))
		return 0;
	__builtin_memset(scratch->text + TAIL_BYTES, 0, CONTEXT_BYTES);
	lexer_tail_start(&scratch->lexer);
	bpf_loop(TAIL_BYTES, tail_byte, &loop, 0);
	facts->context = lexer_tail_context(&scratch->lexer);
	return 0;
}

/*
 * Clients append their comment (sqlcommenter does), so a text that is longer than was read is looked at again from its
 * end. The statement's own part has to reach there. Afterwards scratch no longer holds the text's begin.
 */
static __always_inline void text_tail_context(struct scratch *scratch, struct text_facts *facts)
{
	bool behind = facts->context >= TEXT_MAX - CONTEXT_BYTES; /* seen, and not all of it was read */

	if ((behind || (scratch->truncated && !facts->context)) && facts->end >= scratch->length)
		text_tail_read(scratch, facts);
}

#endif
