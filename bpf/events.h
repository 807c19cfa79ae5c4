// SPDX-License-Identifier: Apache-2.0
/* What comes through the ring buffer: query texts, identities, statements. */
#ifndef PGSCOPE_EVENTS_H
#define PGSCOPE_EVENTS_H

#include "engine.h"

struct ring_buffer;

/* NULL: out of memory. Its epoll file descriptor tells when there is something. */
struct ring_buffer *events_open(struct engine *engine);

#endif
