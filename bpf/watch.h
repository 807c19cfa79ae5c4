/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PGSCOPE_WATCH_H
#define PGSCOPE_WATCH_H

#include "engine.h"
#include "target_layout.h"

/* Adds what the programs have counted of the target, on all CPUs. */
void target_counts_add(struct engine *engine, unsigned int index, struct target_counts *sum);

#endif
