// SPDX-License-Identifier: Apache-2.0
/* The names of counters and losses, as docs/tracer-protocol.md has them. */
#ifndef PGSCOPE_COUNTERS_H
#define PGSCOPE_COUNTERS_H

#include "engine.h"

/* Writes those that are not 0. */
void output_sums(const struct sums *sums);
/* Writes the kernel's losses, since the tracer's start, into the open object. */
void output_losses(struct engine *engine);

#endif
