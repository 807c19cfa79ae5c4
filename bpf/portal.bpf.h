/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The portal that an Execute message runs. No variable points to it any more when its execution ends, but the message
 * itself is still there, as the first thing in MessageContext, and begins with the portal's name; and the portals lie
 * one behind the other in a memory context of their own.
 *
 * Only a message below 1 KB is there: PostgreSQL begins with a buffer of that size, and a larger one is elsewhere. Of
 * what stands in its place nothing is to be believed that something else does not say, too.
 */
#ifndef PGSCOPE_PORTAL_BPF_H
#define PGSCOPE_PORTAL_BPF_H

/* MemoryContextData and PortalHashEnt are the same in 13 to 18. */
#define CONTEXT_NEXT   48
#define CONTEXT_NAME   56
#define CONTEXT_BLOCK  8192		     /* bytes of the first one, which begins with the context */
#define PORTAL_OF_NAME 64		     /* in the table of portals: behind a name its portal */
#define PORTAL_SLOTS   30		     /* what fits into the first block of their context */
#define CONTEXTS_MAX   64		     /* younger than that of the portals; 5 to 9 were seen */
#define TOP_PORTA      0x6174726f50706f54ULL /* "TopPortalContext" */
#define L_CONTEXT      0x747865746e6f436cULL

/* PortalData's first fields. */
struct portal_head {
	u64 name;
	u64 statement_name; /* of the prepared statement; NULL: the unnamed one */
};

/* PortalData from atStart to creation_time. */
struct portal_position {
	u8 at_start;
	u8 at_end;
	u8 unused[6];
	u64 rows;    /* that it has given, those of its last execution too */
	u64 created; /* µs since 2000: when Bind came */
};

struct portal {
	u64 address;
	u64 text;	    /* address; 0: Bind is still at work */
	u64 statement_name; /* address; 0: the unnamed one */
	struct portal_position position;
};

/* A hash of a name in user memory, of which PostgreSQL uses 63 bytes; 0: it cannot be read. */
static __always_inline u64 name_hash(struct backend *backend, u64 address)
{
	u64 hash = HASH_SEED;

	__builtin_memset(backend->name, 0, NAME_BYTES);
	if (bpf_probe_read_user_str(backend->name, NAME_BYTES, (void *)address) <= 0)
		return 0;
	for (int i = 0; i < NAME_BYTES / 8; i++)
		hash = hash_mix(hash, backend->name[i]);
	return hash ? hash : 1;
}

struct search {
	const struct target *target;
	struct backend *backend;
	u64 context; /* of the portals; while it is looked for: the next candidate */
	u64 name;    /* hash of the portal's; 0: the context has been found */
	u64 address; /* of the portal; 0: not found */
	struct portal_head head;
};

static long is_context_of_portals(u32 index, struct search *search)
{
	u64 name[2] = {};

	bpf_probe_read_user(name, sizeof(name), (void *)read_u64(search->context + CONTEXT_NAME));
	if (name[0] == TOP_PORTA && name[1] == L_CONTEXT) {
		search->name = 0;
		return 1;
	}
	search->context = read_u64(search->context + CONTEXT_NEXT);
	return search->context == 0;
}

/* The context of all portals: a brother of MessageContext, which is younger. It stays as long as the backend. */
static __always_inline u64 context_of_portals(struct backend *backend, struct search *search, u64 message_context)
{
	if (backend->portals)
		return backend->portals;
	search->context = message_context;
	search->name = 1;
	bpf_loop(CONTEXTS_MAX, is_context_of_portals, search, 0);
	if (!search->name)
		backend->portals = search->context;
	return backend->portals;
}

/*
 * Does a portal of that name live in this place? One that was freed keeps its bytes, apart from the link to the next
 * free one: until 15 in place of the context in front of it, then in place of its name.
 */
static long is_portal(u32 slot, struct search *search)
{
	const struct target *target = search->target;
	u64 address = search->context + target->context_first + slot * target->portal_stride;

	if (bpf_probe_read_user(&search->head, sizeof(search->head), (void *)address))
		return 1;
	if (target->portal_knows_context && read_u64(address - 8) != search->context)
		return 0;
	if (read_u64(search->head.name + PORTAL_OF_NAME) != address ||
	    name_hash(search->backend, search->head.name) != search->name)
		return 0;
	search->address = address;
	return 1;
}

/* The numbers must be what they are said to be: flags, rows, µs since 2000 (between 2015 and 2063). */
static __always_inline bool is_plausible(const struct portal_position *position)
{
	return position->at_start <= 1 && position->at_end <= 1 && !(position->rows >> 48) &&
	       position->created > 500000000000000ULL && position->created < 2000000000000000ULL;
}

/* While Bind is at work, its portal knows no statement yet; in the message it stands behind the portal's name. */
static __always_inline u64 statement_being_bound(struct backend *backend, u64 message)
{
	u8 first = 0;
	long size;

	size = bpf_probe_read_user_str(backend->name, NAME_BYTES, (void *)message);
	if (size <= 0 || size >= NAME_BYTES || bpf_probe_read_user(&first, 1, (void *)(message + size)))
		return 0; /* or the portal's name is longer than was read */
	return first ? message + size : 0;
}

/*
 * Where the message stands, if it does. Until 15 a chunk that was freed, as that of a message which had to move, no
 * longer knows its context; since 16 its first bytes are the link to the next free one then, which is 0, or is what was
 * left of the context's first block.
 */
static __always_inline u64 message_in(u64 context, const struct target *target)
{
	u64 message = context + target->context_first;

	if (target->portal_knows_context)
		return read_u64(message - 8) == context ? message : 0;
	return read_u64(message) - context < CONTEXT_BLOCK ? 0 : message;
}

/*
 * The portal of the message that is being worked on, an Execute or a Bind. False: there is none (any more: that of a
 * COMMIT is gone when COMMIT has run), or none that can be read.
 *
 * The way here from a failed statement is the deepest one there is: with is_portal() 7 calls of the 8 that the
 * verifier allows.
 */
static __noinline int find_portal(struct backend *backend, const struct target *target, struct portal *out)
{
	struct search search = {.target = target, .backend = backend};
	u64 context, message;

	if (!backend || !target || !out || !target->message_context)
		return false;
	context = read_u64(target->message_context);
	message = message_in(context, target);
	search.context = context_of_portals(backend, &search, context);
	search.name = search.context && message ? name_hash(backend, message) : 0;
	if (!search.name)
		return false;
	bpf_loop(PORTAL_SLOTS, is_portal, &search, 0);
	if (!search.address ||
	    bpf_probe_read_user(&out->position, sizeof(out->position),
				(void *)(search.address + target->portal_position)) ||
	    !is_plausible(&out->position))
		return false;
	out->address = search.address;
	out->text = read_u64(search.address + target->portal_text);
	out->statement_name = out->text ? search.head.statement_name : statement_being_bound(backend, message);
	return true;
}

#endif
