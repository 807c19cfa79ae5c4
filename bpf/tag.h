// SPDX-License-Identifier: Apache-2.0
/* Tags: a process is told to be a target's by what its task storage holds, through a pidfd. */
#ifndef PGSCOPE_TAG_H
#define PGSCOPE_TAG_H

#include "engine.h"
#include "target_layout.h"

/*
 * Tags a process, with what it has counted so far as the base of its first differences. A process
 * that has inherited its tag keeps it. 0, or -1 if the process has ended.
 */
int tag_process(struct engine *engine, unsigned int index, const struct target *target, int pid, bool postmaster);
void untag_process(struct engine *engine, int pid);

#endif
