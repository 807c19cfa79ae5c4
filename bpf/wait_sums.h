// SPDX-License-Identifier: Apache-2.0
/* Sums per query and wait event: read from the kernel's maps in rounds, told as differences, as queries.h tells those
 * of queries. */
#ifndef PGSCOPE_WAIT_SUMS_H
#define PGSCOPE_WAIT_SUMS_H

#include "engine.h"

/* Reads all of them anew. 0, or the error that left the round incomplete; then nothing of it is to be told. */
int wait_sums_read(struct engine *engine);
/* Tells what has moved since it was told last; UINT32_MAX: of all targets. */
void wait_sums_report(uint32_t target);
/* Makes room, if the map is filling up, by forgetting what did not move for long. */
void wait_sums_tidy(struct engine *engine);
/* Forgets all of a target. */
void wait_sums_forget(struct engine *engine, uint32_t target);

#endif
