/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The portal that an Execute message runs. No variable points to it any more when its execution ends, but the message
 * itself is still there, as the first thing in MessageContext, and begins with the portal's name; and the portals lie
 * one behind the other in a memory context of their own.
 */
#ifndef PGSCOPE_PORTAL_BPF_H
#define PGSCOPE_PORTAL_BPF_H

/* MemoryContextData and PortalHashEnt are the same in 13 to 18. */
#define CONTEXT_NEXT   48
#define CONTEXT_NAME   56
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
	u64 rows;
	u64 created;
};

struct portal {
	u64 address;
	u64 statement_name; /* address; 0: the unnamed one */
	u64 rows;	    /* that it has given, those of its last execution too */
	u64 created;	    /* µs since 2000: when Bind came */
};

/* A hash of a name in user memory, of which PostgreSQL uses 63 bytes; 0: it cannot be read. */
static __noinline u64 name_hash(u64 address)
{
	u64 words[NAME_BYTES / 8] = {}, hash = HASH_SEED;

	if (bpf_probe_read_user_str(words, NAME_BYTES, (void *)address) <= 0)
		return 0;
	for (int i = 0; i < NAME_BYTES / 8; i++)
		hash = hash_mix(hash, words[i]);
	return hash ? hash : 1;
}

/* The context of all portals: a brother of MessageContext, which is younger. It stays as long as the backend. */
static __noinline u64 context_of_portals(struct backend *backend, const struct target *target)
{
	u64 context, name[2];

	if (!backend || !target)
		return 0;
	if (backend->portals)
		return backend->portals;
	context = read_u64(target->message_context);
	for (u32 i = 0; i < CONTEXTS_MAX && context; i++) {
		if (!bpf_probe_read_user(name, sizeof(name), (void *)read_u64(context + CONTEXT_NAME)) &&
		    name[0] == TOP_PORTA && name[1] == L_CONTEXT) {
			backend->portals = context;
			return context;
		}
		context = read_u64(context + CONTEXT_NEXT);
	}
	return 0;
}

/*
 * Does a portal of that name live at `address`? One that was freed keeps its bytes, apart from the link to the next
 * free one: until 15 in place of the context in front of it, then in place of its name.
 */
static __always_inline bool portal_lives(const struct target *target, u64 address, u64 context, u64 name,
					 struct portal_head *head)
{
	if (bpf_probe_read_user(head, sizeof(*head), (void *)address))
		return false;
	if (target->portal_knows_context && read_u64(address - 8) != context)
		return false;
	return read_u64(head->name + PORTAL_OF_NAME) == address && name_hash(head->name) == name;
}

/* The numbers must be what they are said to be: flags, rows, µs since 2000 (between 2015 and 2063). */
static __always_inline bool is_plausible(const struct portal_position *position)
{
	return position->at_start <= 1 && position->at_end <= 1 && !(position->rows >> 48) &&
	       position->created > 500000000000000ULL && position->created < 2000000000000000ULL;
}

/*
 * The portal of the message that is being worked on, an Execute or a Bind. False: there is none (any more: that of a
 * COMMIT is gone when COMMIT has run), or none that can be read.
 */
static __noinline int find_portal(struct backend *backend, const struct target *target, struct portal *out)
{
	u64 context, message, name, address;
	struct portal_position position;
	struct portal_head head;

	if (!backend || !target || !out || !target->message_context)
		return false;
	context = context_of_portals(backend, target);
	message = read_u64(target->message_context) + target->context_first;
	name = context ? name_hash(message) : 0;
	if (!name)
		return false;
	address = context + target->context_first;
	for (u32 slot = 0; slot < PORTAL_SLOTS; slot++, address += target->portal_stride) {
		if (!portal_lives(target, address, context, name, &head))
			continue;
		if (bpf_probe_read_user(&position, sizeof(position), (void *)(address + target->portal_position)) ||
		    !is_plausible(&position))
			return false;
		out->address = address;
		out->statement_name = head.statement_name;
		out->rows = position.rows;
		out->created = position.created;
		return true;
	}
	return false;
}

#endif
