// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <string.h>

#include "works.h"

#define WORKS	   1024 /* that are kept, the newest ones */
#define WORK_BYTES 192	/* two names and what is done with the table */

static struct work {
	unsigned int target; /* index + 1; 0: free */
	uint64_t fingerprint;
	char text[WORK_BYTES];
} works[WORKS];
static unsigned int next_work;

static struct work *find(const struct attached_target *target, uint64_t fingerprint)
{
	for (int i = 0; i < WORKS; i++)
		if (works[i].target == target->index + 1 && works[i].fingerprint == fingerprint)
			return &works[i];
	return NULL;
}

void work_remember(const struct attached_target *target, uint64_t fingerprint, const char *text, unsigned int length)
{
	static const char prefix[] = "autovacuum: ";
	struct work *work = find(target, fingerprint);

	if (length >= sizeof(prefix) - 1 && memcmp(text, prefix, sizeof(prefix) - 1) == 0) {
		text += sizeof(prefix) - 1;
		length -= sizeof(prefix) - 1;
	}
	if (!work)
		work = &works[next_work++ % WORKS];
	work->target = target->index + 1;
	work->fingerprint = fingerprint;
	if (length >= WORK_BYTES)
		length = WORK_BYTES - 1;
	memcpy(work->text, text, length);
	work->text[length] = '\0';
}

const char *work_find(const struct attached_target *target, uint64_t fingerprint)
{
	const struct work *work = find(target, fingerprint);

	return work ? work->text : NULL;
}

void works_forget(const struct attached_target *target)
{
	for (int i = 0; i < WORKS; i++)
		if (works[i].target == target->index + 1)
			works[i].target = 0;
}
