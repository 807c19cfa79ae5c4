// SPDX-License-Identifier: Apache-2.0
/* Which functions of its server a target needs, by its level. */
#ifndef PGSCOPE_LEVEL_H
#define PGSCOPE_LEVEL_H

#include "target.h"

/* Attaches to the functions that the settings ask for, and leaves the others. 0, or -1: err says why not, and nothing
 * has changed. */
int level_follow(struct engine *engine, struct attached_target *target, const struct settings *settings,
		 struct error *err);
/* Functions or triggers of the target run statements: from now on these are looked at. */
void level_functions_run(struct engine *engine, struct attached_target *target);
/* Leaves all of them. */
void level_leave(struct engine *engine, struct attached_target *target);

#endif
