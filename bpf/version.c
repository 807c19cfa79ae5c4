// SPDX-License-Identifier: Apache-2.0
/* Finds in an executable what `SELECT version()` would say. */
#include "elf.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX	   "PostgreSQL "
#define MAX_TEXT   512 /* of the whole version text; Debian's has 110 bytes */
#define MAX_NUMBER 24

/* Copies "15.18" of "PostgreSQL 15.18 (Debian …) on x86_64…, compiled by …"; false if the text is
 * not such a one. */
static bool parse(const char *text, size_t available, char *version, size_t size, int *major)
{
	char copy[MAX_TEXT];
	size_t length = strnlen(text, available < MAX_TEXT ? available : MAX_TEXT);
	char *number, *on;
	size_t digits, number_length;

	if (length == available || length == MAX_TEXT)
		return false;
	memcpy(copy, text, length + 1);
	on = strstr(copy, " on ");
	if (!on || !strstr(on, ", compiled by "))
		return false;
	number = copy + strlen(PREFIX);
	digits = strspn(number, "0123456789");
	number_length = strcspn(number, " ");
	if (!digits || digits > 3 || number_length > MAX_NUMBER || number_length >= size)
		return false;
	*major = atoi(number);
	memcpy(version, number, number_length);
	version[number_length] = '\0';
	return true;
}

int elf_postgres_version(const struct elf *elf, char *version, size_t size, int *major, struct error *err)
{
	for (unsigned int i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segments[i];
		const char *at = (const char *)elf->bytes + segment->offset;
		const char *end = at + segment->file_size;

		if (segment->writable)
			continue;
		while ((at = memmem(at, end - at, PREFIX, strlen(PREFIX)))) {
			if (parse(at, end - at, version, size, major))
				return 0;
			at += strlen(PREFIX);
		}
	}
	return error_set(err, "NotPostmaster",
			 "this executable holds no version text of PostgreSQL, so it is no server of it");
}
