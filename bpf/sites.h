// SPDX-License-Identifier: Apache-2.0
/* A server's functions and variables: found in its executable, placed in its memory. A part of
 * server_inspect(). */
#ifndef PGSCOPE_SITES_H
#define PGSCOPE_SITES_H

#include "elf.h"
#include "server.h"

/* Fills functions, variables, error_stack and missing; needs executable, version, load_bias. */
int sites_find(const struct elf *elf, struct server *server, struct error *err);

#endif
