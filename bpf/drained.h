/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a drain: what is known of each server as a whole, and of the tracer itself. */
#ifndef PGSCOPE_DRAINED_H
#define PGSCOPE_DRAINED_H

#include "engine.h"

/* Writes `drained`; token may be NULL. With `locks`, who waits for a lock is told before. */
void report_drained(struct engine *engine, const char *token, bool locks);

#endif
