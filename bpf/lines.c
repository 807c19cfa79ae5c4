// SPDX-License-Identifier: Apache-2.0
#include "lines.h"

#include <string.h>

char *lines_room(struct lines *lines, size_t *size)
{
	*size = sizeof(lines->bytes) - lines->filled;
	return lines->bytes + lines->filled;
}

void lines_take(struct lines *lines, size_t got, void (*each)(void *context, const char *line, size_t length),
		void *context)
{
	char *begin = lines->bytes, *end;

	lines->filled += got;
	while ((end = memchr(begin, '\n', lines->bytes + lines->filled - begin))) {
		if (!lines->skipping)
			each(context, begin, end - begin);
		lines->skipping = false;
		begin = end + 1;
	}
	lines->filled -= begin - lines->bytes;
	memmove(lines->bytes, begin, lines->filled);
	if (lines->filled < sizeof(lines->bytes))
		return;
	if (!lines->skipping)
		each(context, NULL, 0);
	lines->skipping = true;
	lines->filled = 0;
}
