// SPDX-License-Identifier: Apache-2.0
/* Lines out of a stream of bytes that comes in pieces. */
#ifndef PGSCOPE_LINES_H
#define PGSCOPE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES 65536 /* with its newline */

struct lines {
	char bytes[LINE_MAX_BYTES];
	size_t filled;
	bool skipping; /* the rest of a line that was too long */
};

/* Where the next piece goes, and how many bytes of it have room: always one at least. */
char *lines_room(struct lines *lines, size_t *size);

/*
 * `got` bytes have been put there. Calls `each` for every line that is complete now, without its newline, and, once for
 * a line that is too long, with NULL.
 */
void lines_take(struct lines *lines, size_t got, void (*each)(void *context, const char *line, size_t length),
		void *context);

#endif
