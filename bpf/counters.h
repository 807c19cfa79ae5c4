// SPDX-License-Identifier: Apache-2.0
/* The names of counters and losses, as docs/tracer-protocol.md has them. */
#ifndef PGSCOPE_COUNTERS_H
#define PGSCOPE_COUNTERS_H

#include "engine.h"

/* Writes those that are not 0. */
void output_sums(const struct sums *sums);
/* Writes whose work it is, if it is a background process's. */
void output_backend_type(int major, uint64_t fingerprint);
/* Writes the time and count of one wait event into the open list. */
void output_wait(uint32_t event, uint64_t count, uint64_t ns);
/* Writes what a statement has waited for, if anything. */
void output_waits(const struct waits *waits);
/* Writes the kernel's losses, since the tracer's start, into the open object. */
void output_losses(struct engine *engine);

#endif
