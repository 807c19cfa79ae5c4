// SPDX-License-Identifier: Apache-2.0
/* What the programs know of a target: its value in the map `targets`. */
#ifndef PGSCOPE_TARGET_VALUE_H
#define PGSCOPE_TARGET_VALUE_H

#include "server.h"
#include "target.h"
#include "target_layout.h"

/* Fills in where the server keeps what the programs read. */
void target_value_fill(struct target *out, const struct server *server);
/* Fills in what is to be recorded. */
void target_value_set(struct target *out, const struct settings *settings);

#endif
