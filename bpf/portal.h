// SPDX-License-Identifier: Apache-2.0
/*
 * The place where a backend says "portal suspended": an Execute message that asked for some rows has got them, and the
 * portal waits for the next one. No exported function marks it, but one call does, pq_putemptymessage('s'), and each
 * build has it once. A probe there costs nothing where nobody reads in parts.
 */
#ifndef PGSCOPE_PORTAL_H
#define PGSCOPE_PORTAL_H

#include "elf.h"

struct portal_site {
	bool present;
	uint64_t vaddr; /* of the call */
	uint64_t file_offset;
	bool frame_pointer; /* the QueryCompletion lies at %rbp (or, if not, %rsp) + displacement */
	int32_t displacement;
};

/*
 * Looks for it; `put_empty_message` and `end_command` are the functions' virtual addresses. False: there is not exactly
 * one such place.
 */
bool portal_site_find(const struct elf *elf, uint64_t put_empty_message, uint64_t end_command, struct portal_site *out);

#endif
