// SPDX-License-Identifier: Apache-2.0
#include "getter.h"

#include <stdbool.h>
#include <string.h>

#define LOAD_LENGTH 7
#define RETURN	    0xc3

static const uint8_t marker[] = {0xf3, 0x0f, 0x1e, 0xfa}; /* endbr64 */
static const uint8_t frame[] = {0x55, 0x48, 0x89, 0xe5};  /* push %rbp; mov %rsp,%rbp */
static const uint8_t load[] = {0x48, 0x8b, 0x05};	  /* mov disp32(%rip),%rax */

struct reader {
	const uint8_t *code;
	size_t size, at;
};

static bool skip(struct reader *reader, const uint8_t *bytes, size_t count)
{
	if (count > reader->size - reader->at || memcmp(reader->code + reader->at, bytes, count) != 0)
		return false;
	reader->at += count;
	return true;
}

uint64_t getter_variable(const uint8_t *code, size_t size, uint64_t vaddr)
{
	struct reader reader = {.code = code, .size = size};
	size_t framed; /* bytes of pop %rbp behind the load */
	int32_t displacement;

	skip(&reader, marker, sizeof(marker));
	framed = skip(&reader, frame, sizeof(frame));
	if (reader.size - reader.at < LOAD_LENGTH + framed + 1 || !skip(&reader, load, sizeof(load)))
		return 0;
	memcpy(&displacement, code + reader.at, sizeof(displacement));
	reader.at += sizeof(displacement);
	if (framed && code[reader.at] != 0x5d) /* pop %rbp */
		return 0;
	return code[reader.at + framed] == RETURN ? vaddr + reader.at + displacement : 0;
}
