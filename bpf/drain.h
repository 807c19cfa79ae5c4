// SPDX-License-Identifier: Apache-2.0
/* Drains: what each query did since the last one. Sums in the kernel only grow; the differences are
 * made here. */
#ifndef PGSCOPE_DRAIN_H
#define PGSCOPE_DRAIN_H

#include "engine.h"
#include "target.h"

struct ring_buffer;

/*
 * Writes an `aggregate` line for each query that did something, of one target or (NULL) of all. False: the maps could
 * not be read; then none is written, it is counted, and the next drain tells what this one did not.
 */
bool drain(struct engine *engine, struct ring_buffer *events, const struct attached_target *only);
/* Drains that could not read the kernel's sums. */
uint64_t drain_unread(void);
/* Forgets the queries of a target that is gone. */
void drain_forget(struct engine *engine, unsigned int target);

#endif
