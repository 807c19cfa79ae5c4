// SPDX-License-Identifier: Apache-2.0
/* What the processes of a server did with files since the last drain. */
#ifndef PGSCOPE_IO_H
#define PGSCOPE_IO_H

#include "engine.h"
#include "target.h"

/* Reads the sums of all targets. 0, or the error that left them as they were, or partly so: then nothing may be told.
 */
int io_read(struct engine *engine);
/* Writes an `io` line for each sum that has grown, of one target or (NULL) of all. */
void io_report(struct engine *engine, const struct attached_target *only);
/* Forgets the sums of a target that is gone. */
void io_forget(struct engine *engine, unsigned int target);
/* What the slot's last owner has left in the sums that are always there. -1: they cannot be written. */
int io_empty_overflow(struct engine *engine, unsigned int target);

#endif
