/* SPDX-License-Identifier: Apache-2.0 */
/* What the sessions of a server are at, and the memory of its processes: looked at, not traced, with each drain. */
#ifndef PGSCOPE_SESSIONS_H
#define PGSCOPE_SESSIONS_H

#include "target.h"

/* Writes the object `sessions`. */
void output_sessions(struct engine *engine, const struct attached_target *target);
void sessions_forget(const struct attached_target *target);

#endif
