// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "works.h"

#define WORKS	   128 /* of one target that are kept, the newest ones */
#define WORK_BYTES 192 /* two names and what is done with the table */

struct work {
	uint64_t fingerprint; /* 0: free */
	char text[WORK_BYTES];
};

static struct works {
	struct work list[WORKS];
	unsigned int next;
} all[MAX_TARGETS];

bool is_autovacuum(uint64_t fingerprint)
{
	return fingerprint >> 32 == FINGERPRINT_AUTOVACUUM >> 32;
}

static struct work *find(const struct attached_target *target, uint64_t fingerprint)
{
	struct works *works = &all[target->index];

	for (int i = 0; i < WORKS; i++)
		if (works->list[i].fingerprint == fingerprint)
			return &works->list[i];
	return NULL;
}

static bool skip(const char **text, unsigned int *length, const char *words)
{
	size_t size = strlen(words);

	if (*length < size || memcmp(*text, words, size) != 0)
		return false;
	*text += size;
	*length -= size;
	return true;
}

/* `BRIN summarize public.events 12345`: the number of a range of blocks, of which a table has many. */
static unsigned int without_number(const char *text, unsigned int length)
{
	unsigned int end = length;

	while (end && isdigit((unsigned char)text[end - 1]))
		end--;
	return end && end < length && text[end - 1] == ' ' ? end - 1 : length;
}

/* What PostgreSQL says of autovacuum, and nothing else: a server could show anything. */
static bool read_work(const char *text, unsigned int length, struct work *out)
{
	static const char *const done[] = {"VACUUM ANALYZE ", "VACUUM ", "ANALYZE ", "BRIN summarize "};

	if (!skip(&text, &length, "autovacuum: "))
		return false;
	for (unsigned int i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
		if (length < strlen(done[i]) || memcmp(text, done[i], strlen(done[i])) != 0)
			continue;
		if (done[i][0] == 'B')
			length = without_number(text, length);
		if (length >= WORK_BYTES)
			length = WORK_BYTES - 1;
		memcpy(out->text, text, length);
		out->text[length] = '\0';
		return true;
	}
	return false;
}

void work_remember(const struct attached_target *target, uint64_t fingerprint, const char *text, unsigned int length)
{
	struct works *works = &all[target->index];
	struct work *work = find(target, fingerprint), read = {.fingerprint = fingerprint};

	/* of a newer major it is not certain which process is an autovacuum worker */
	if (!target->server.layout.verified || !read_work(text, length, &read))
		return;
	if (!work)
		work = &works->list[works->next++ % WORKS];
	*work = read;
}

const char *work_find(const struct attached_target *target, uint64_t fingerprint)
{
	const struct work *work = is_autovacuum(fingerprint) ? find(target, fingerprint) : NULL;

	return work ? work->text : NULL;
}

void works_forget(const struct attached_target *target)
{
	memset(&all[target->index], 0, sizeof(all[0]));
}
