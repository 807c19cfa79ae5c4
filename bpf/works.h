/* SPDX-License-Identifier: Apache-2.0 */
/* What autovacuum workers have said that they work on. */
#ifndef PGSCOPE_WORKS_H
#define PGSCOPE_WORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "target.h"

/* Whether a series is that of a table and its autovacuum. */
bool is_autovacuum(uint64_t fingerprint);
/* `text`: as pg_stat_activity shows it, "autovacuum: VACUUM public.accounts"; another one is not remembered. The
 * target's oldest is forgotten for it. */
void work_remember(const struct attached_target *target, uint64_t fingerprint, const char *text, unsigned int length);
/* "VACUUM public.accounts"; NULL: it is not known. */
const char *work_find(const struct attached_target *target, uint64_t fingerprint);
void works_forget(const struct attached_target *target);

#endif
