// SPDX-License-Identifier: Apache-2.0
/* Finds the one call of pq_putemptymessage('s') and where its caller keeps the number of rows (x86-64). */
#include "portal.h"

#include <string.h>

#define CALL_LENGTH   5
#define LOOK_BACK     16   /* bytes before a call in which its first argument is made */
#define FUNCTION_SPAN 8192 /* exec_execute_message is inlined into PostgresMain: its calls lie within it */

static const uint8_t load_s[] = {0xbf, 's', 0, 0, 0}; /* mov $0x73,%edi */

static int32_t read_i32(const uint8_t *bytes)
{
	int32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* lea disp(%rsp),%rdi or lea disp(%rbp),%rdi, the last one before the call: the address of a local variable. */
static bool local_argument(const uint8_t *before, struct portal_site *out)
{
	for (int i = LOOK_BACK - 4; i >= 0; i--) {
		const uint8_t *code = before + i;
		int left = LOOK_BACK - i;

		if (code[0] != 0x48 || code[1] != 0x8d)
			continue;
		out->frame_pointer = code[2] == 0xbd || code[2] == 0x7d;
		if (code[2] == 0xbd && left >= 7)
			out->displacement = read_i32(code + 3);
		else if (code[2] == 0x7d)
			out->displacement = (int8_t)code[3];
		else if (code[2] == 0xbc && code[3] == 0x24 && left >= 8)
			out->displacement = read_i32(code + 4);
		else if (code[2] == 0x7c && code[3] == 0x24 && left >= 5)
			out->displacement = (int8_t)code[4];
		else
			continue;
		return true;
	}
	return false;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Calls `each` for every direct call of `callee` in the segment. */
struct search {
	const struct elf *elf;
	uint64_t callee;
	bool (*matches)(const uint8_t *before, struct portal_site *site);
	uint64_t near; /* 0: the first one; else the one nearest to it */
	uint64_t found;
	unsigned int count;
	struct portal_site site;
};

static void search_segment(struct search *search, const struct elf_segment *segment)
{
	size_t size;
	const uint8_t *code = elf_at(search->elf, segment->vaddr, &size);

	for (size_t i = LOOK_BACK; code && i + CALL_LENGTH <= size; i++) {
		uint64_t vaddr = segment->vaddr + i;
		struct portal_site site = {0};

		if (code[i] != 0xe8 || vaddr + CALL_LENGTH + read_i32(code + i + 1) != search->callee)
			continue;
		if (!search->matches(code + i - LOOK_BACK, &site))
			continue;
		search->count++;
		if (search->found && distance(vaddr, search->near) >= distance(search->found, search->near))
			continue;
		search->found = vaddr;
		search->site = site;
	}
}

static void search_all(struct search *search)
{
	for (unsigned int i = 0; i < search->elf->segment_count; i++)
		if (search->elf->segments[i].executable)
			search_segment(search, &search->elf->segments[i]);
}

static bool loads_s(const uint8_t *before, struct portal_site *site)
{
	(void)site;
	return memcmp(before + LOOK_BACK - sizeof(load_s), load_s, sizeof(load_s)) == 0;
}

static uint64_t file_offset_of(const struct elf *elf, uint64_t vaddr)
{
	for (unsigned int i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segments[i];

		if (vaddr >= segment->vaddr && vaddr - segment->vaddr < segment->file_size)
			return vaddr - segment->vaddr + segment->offset;
	}
	return 0;
}

bool portal_site_find(const struct elf *elf, uint64_t put_empty_message, uint64_t end_command, struct portal_site *out)
{
	struct search suspended = {.elf = elf, .callee = put_empty_message, .matches = loads_s};
	struct search completed = {.elf = elf, .callee = end_command, .matches = local_argument};

	*out = (struct portal_site){0};
	if (elf->instructions != INSTRUCTIONS_X86_64 || !put_empty_message || !end_command)
		return false;
	search_all(&suspended);
	if (suspended.count != 1)
		return false;
	completed.near = suspended.found;
	search_all(&completed);
	if (!completed.found || distance(completed.found, suspended.found) > FUNCTION_SPAN)
		return false;
	*out = completed.site;
	out->vaddr = suspended.found;
	out->file_offset = file_offset_of(elf, suspended.found);
	out->present = out->file_offset != 0;
	return out->present;
}
