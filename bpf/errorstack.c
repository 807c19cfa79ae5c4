// SPDX-License-Identifier: Apache-2.0
/*
 * Reads geterrcode() as gcc and clang write it: load the depth, branch away if it is negative,
 * multiply by the size of an element, take the array's address, load the field. Any other
 * instruction ends the attempt with an error.
 */
#include "errorstack.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define MAX_STEPS 24 /* the longest known build needs 8 */

/* ErrorData of 13 is larger by a field in front of sqlerrcode than that of 14–18. */
#define ELEMENT_SIZE_13	      192
#define SQLERRCODE_OFFSET_13  56
#define SQLERRCODE_OFFSET_14  48
#define SMALLEST_ELEMENT_SIZE 128
#define LARGEST_ELEMENT_SIZE  512

struct decoder {
	const uint8_t *code;
	size_t size, at;
	uint64_t vaddr;
	uint64_t depth, array, field; /* 0: not yet seen */
	int64_t element_size;
};

/* ModRM operand: a register, RIP-relative memory, or memory at registers + displacement. */
struct operand {
	bool memory, rip_relative;
	int64_t displacement;
};

static int64_t signed_at(const struct decoder *decoder, size_t at, unsigned int bytes)
{
	int32_t word;

	if (bytes == 1)
		return (int8_t)decoder->code[at];
	memcpy(&word, decoder->code + at, sizeof(word));
	return word;
}

static bool has(const struct decoder *decoder, size_t bytes)
{
	return bytes <= decoder->size - decoder->at;
}

static bool read_operand(struct decoder *decoder, struct operand *out)
{
	unsigned int mode, base, displacement;

	*out = (struct operand){0};
	if (!has(decoder, 1))
		return false;
	mode = decoder->code[decoder->at] >> 6;
	base = decoder->code[decoder->at++] & 7;
	if (mode == 3)
		return true;
	out->memory = true;
	out->rip_relative = mode == 0 && base == 5;
	if (base == 4) {
		if (!has(decoder, 1))
			return false;
		base = decoder->code[decoder->at++] & 7;
	}
	displacement = mode == 1 ? 1 : (mode == 2 || base == 5) ? 4 : 0;
	if (!has(decoder, displacement))
		return false;
	if (displacement)
		out->displacement = signed_at(decoder, decoder->at, displacement);
	decoder->at += displacement;
	return true;
}

static uint64_t rip_target(const struct decoder *decoder, const struct operand *operand)
{
	return decoder->vaddr + decoder->at + operand->displacement;
}

static bool jump(struct decoder *decoder, unsigned int bytes, bool taken)
{
	int64_t distance;

	if (!has(decoder, bytes))
		return false;
	distance = signed_at(decoder, decoder->at, bytes);
	decoder->at += bytes;
	if (!taken)
		return true;
	if (distance < 0 || (uint64_t)distance > decoder->size - decoder->at)
		return false;
	decoder->at += distance;
	return true;
}

/* mov or movslq from memory: the first one loads the depth, the next one through registers the
 * field. */
static bool load(struct decoder *decoder)
{
	struct operand operand;

	if (!read_operand(decoder, &operand))
		return false;
	if (!operand.memory)
		return true;
	if (!decoder->depth) {
		decoder->depth = rip_target(decoder, &operand);
		return operand.rip_relative;
	}
	if (operand.rip_relative || !decoder->element_size)
		return false;
	/* Without a lea before it, the displacement is the absolute address itself (not position
	 * independent). */
	decoder->field = decoder->array + operand.displacement;
	return true;
}

static bool multiply(struct decoder *decoder, unsigned int bytes)
{
	struct operand operand;

	if (!read_operand(decoder, &operand) || operand.memory || !has(decoder, bytes))
		return false;
	decoder->element_size = signed_at(decoder, decoder->at, bytes);
	decoder->at += bytes;
	return true;
}

static bool take_address(struct decoder *decoder)
{
	struct operand operand;

	if (!read_operand(decoder, &operand) || !operand.rip_relative)
		return false;
	decoder->array = rip_target(decoder, &operand);
	return true;
}

static bool starts_with(const struct decoder *decoder, const char *bytes, size_t length)
{
	return has(decoder, length) && memcmp(decoder->code + decoder->at, bytes, length) == 0;
}

/* Decodes one instruction and moves on; false: not one that belongs here. */
static bool step(struct decoder *decoder)
{
	struct operand operand;
	uint8_t opcode;

	if (starts_with(decoder, "\xf3\x0f\x1e\xfa", 4) /* endbr64 */ ||
	    starts_with(decoder, "\x48\x83\xec", 3) /* sub $n,%rsp */) {
		decoder->at += 4;
		return decoder->at <= decoder->size;
	}
	if (has(decoder, 1) && (decoder->code[decoder->at] & 0xf0) == 0x40) /* REX */
		decoder->at++;
	if (!has(decoder, 1))
		return false;
	opcode = decoder->code[decoder->at++];
	switch (opcode) {
	case 0x63: /* movslq */
	case 0x8b: /* mov */
		return load(decoder);
	case 0x69: /* imul $imm32 */
		return multiply(decoder, 4);
	case 0x6b: /* imul $imm8 */
		return multiply(decoder, 1);
	case 0x8d: /* lea */
		return take_address(decoder);
	case 0x85: /* test */
	case 0x01: /* add */
	case 0x89: /* mov %rsp,%rbp */
		return read_operand(decoder, &operand) && !operand.memory;
	case 0x98: /* cltq */
	case 0x55: /* push %rbp */
	case 0x5d: /* pop %rbp */
		return true;
	case 0x79: /* jns: the depth is valid */
		return jump(decoder, 1, true);
	case 0x78: /* js: it is not */
		return jump(decoder, 1, false);
	case 0xeb:
		return jump(decoder, 1, true);
	case 0x0f:
		if (!has(decoder, 1))
			return false;
		opcode = decoder->code[decoder->at++];
		return (opcode == 0x88 || opcode == 0x89) && jump(decoder, 4, opcode == 0x89);
	default:
		return false;
	}
}

static bool is_plausible(const struct error_stack *stack, uint64_t field)
{
	return stack->element_size >= SMALLEST_ELEMENT_SIZE && stack->element_size <= LARGEST_ELEMENT_SIZE &&
	       stack->element_size % 8 == 0 && stack->depth_address % 4 == 0 && stack->array_address % 8 == 0 &&
	       field > stack->sqlerrcode_offset && stack->depth_address != stack->array_address;
}

int error_stack_decode(const uint8_t *code, size_t size, uint64_t vaddr, struct error_stack *out, struct error *err)
{
	struct decoder decoder = {.code = code, .size = size, .vaddr = vaddr};

	*out = (struct error_stack){0};
	for (int i = 0; i < MAX_STEPS && !decoder.field; i++) {
		size_t at = decoder.at;

		if (!step(&decoder))
			return error_set(err, "MissingSymbols",
					 "the code of geterrcode is not as known compilers write "
					 "it (byte %zu, 0x%02x): "
					 "SQLSTATEs of this server's errors are unknown",
					 at, at < size ? code[at] : 0);
	}
	out->depth_address = decoder.depth;
	out->element_size = (uint32_t)decoder.element_size;
	out->sqlerrcode_offset = out->element_size == ELEMENT_SIZE_13 ? SQLERRCODE_OFFSET_13 : SQLERRCODE_OFFSET_14;
	/* A compiler may have added the offset to the array's address already, so only their sum is
	 * certain. */
	out->array_address = decoder.field - out->sqlerrcode_offset;
	if (!is_plausible(out, decoder.field)) {
		error_set(err, "MissingSymbols",
			  "geterrcode of this server shows error records of %" PRIu32 " bytes at 0x%" PRIx64
			  ", which cannot be right: SQLSTATEs of its errors are unknown",
			  out->element_size, out->array_address);
		*out = (struct error_stack){0};
		return -1;
	}
	return 0;
}
