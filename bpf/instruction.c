// SPDX-License-Identifier: Apache-2.0
/*
 * Classifies first instructions. x86: what arch/x86/kernel/uprobes.c emulates (push, direct jumps
 * and calls, nops; nops of several bytes only in newer kernels). arm64: what simulate-insn.c does
 * (branches, adr, ldr of a literal).
 */
#include "instruction.h"

#include <stdio.h>
#include <string.h>

/* How an opcode of one byte goes on. */
struct form {
	uint8_t first, last;
	const char *mnemonic;
	bool cheap;
	uint8_t immediate; /* bytes behind the opcode and ModRM */
	bool modrm;
};

static const struct form forms[] = {
	{0x01, 0x03, "add", false, 0, true},	   {0x29, 0x2b, "sub", false, 0, true},
	{0x31, 0x33, "xor", false, 0, true},	   {0x39, 0x3b, "cmp", false, 0, true},
	{0x50, 0x57, "push", true, 0, false},	   {0x63, 0x63, "movslq", false, 0, true},
	{0x68, 0x68, "push imm", false, 4, false}, {0x70, 0x7f, "jcc", true, 1, false},
	{0x84, 0x85, "test", false, 0, true},	   {0x88, 0x8b, "mov", false, 0, true},
	{0x8d, 0x8d, "lea", false, 0, true},	   {0x90, 0x90, "nop", true, 0, false},
	{0xb8, 0xbf, "mov", false, 4, false},	   {0xc3, 0xc3, "ret", false, 0, false},
	{0xc6, 0xc6, "mov", false, 1, true},	   {0xc7, 0xc7, "mov", false, 4, true},
	{0xe8, 0xe8, "call", true, 4, false},	   {0xe9, 0xe9, "jmp", true, 4, false},
	{0xeb, 0xeb, "jmp", true, 1, false},
};

/* Opcodes 0x80, 0x81 and 0x83 are told apart by a field of ModRM. */
static const char *const group1[] = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};

/* Length of ModRM, SIB and displacement; 0 if the bytes end before. */
static size_t modrm_length(const uint8_t *code, size_t size)
{
	unsigned int mode, base;
	size_t length = 1;

	if (!size)
		return 0;
	mode = code[0] >> 6;
	base = code[0] & 7;
	if (mode == 3)
		return length;
	if (base == 4) {
		if (size < 2)
			return 0;
		base = code[1] & 7;
		length++;
	}
	if (mode == 1)
		length += 1;
	else if (mode == 2 || base == 5)
		length += 4;
	return length <= size ? length : 0;
}

static void name(struct instruction *out, const char *marker, const char *mnemonic)
{
	snprintf(out->mnemonic, sizeof(out->mnemonic), "%s%s%s", marker, *marker ? "+" : "", mnemonic);
}

static void set_jump(struct instruction *out, const uint8_t *code, uint64_t vaddr)
{
	int32_t distance;

	if (out->length == 2)
		distance = (int8_t)code[1];
	else
		memcpy(&distance, code + 1, sizeof(distance));
	out->jump = true;
	out->target = vaddr + out->length + distance;
}

static void classify_two_byte(const uint8_t *code, size_t size, size_t prefixes, const char *marker,
			      struct instruction *out)
{
	size_t modrm = 0;

	if (size > prefixes + 2)
		modrm = modrm_length(code + prefixes + 2, size - prefixes - 2);
	if (size > prefixes + 1 && code[prefixes + 1] == 0x1f && modrm) {
		name(out, marker, "nop");
		out->cheap = true;
		out->length = prefixes + 2 + modrm;
	} else if (size >= prefixes + 6 && (code[prefixes + 1] & 0xf0) == 0x80) {
		name(out, marker, "jcc");
		out->cheap = !prefixes;
		out->length = prefixes + 6;
	}
}

static void classify_group1(const uint8_t *code, size_t size, size_t prefixes, const char *marker,
			    struct instruction *out)
{
	size_t modrm = modrm_length(code + 1, size - 1);
	size_t length = 1 + modrm + (code[0] == 0x81 ? 4 : 1);

	if (!modrm || length > size)
		return;
	name(out, marker, group1[(code[1] >> 3) & 7]);
	out->length = prefixes + length;
}

static void classify_x86_64(const uint8_t *code, size_t size, uint64_t vaddr, struct instruction *out)
{
	const char *marker = "";
	size_t operand_prefixes = 0, prefixes;
	uint8_t rex = 0;

	if (size >= 4 && memcmp(code, "\xf3\x0f\x1e\xfa", 4) == 0) {
		marker = "endbr64";
		out->skip = 4;
		code += 4;
		size -= 4;
		vaddr += 4;
	}
	name(out, marker, "?");
	while (operand_prefixes < size && operand_prefixes < 4 && code[operand_prefixes] == 0x66)
		operand_prefixes++;
	prefixes = operand_prefixes;
	if (prefixes < size && (code[prefixes] & 0xf0) == 0x40)
		rex = code[prefixes++];
	if (prefixes >= size)
		return;
	if (code[prefixes] == 0x0f) {
		classify_two_byte(code, size, prefixes, marker, out);
		return;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *form = &forms[i];
		size_t length = prefixes + 1;

		if (code[prefixes] < form->first || code[prefixes] > form->last)
			continue;
		if (form->modrm) {
			size_t modrm = modrm_length(code + length, size - length);

			if (!modrm)
				return;
			length += modrm;
		}
		length += form->immediate;
		/* REX.W turns mov $imm32 into mov $imm64. */
		if (form->immediate == 4 && !form->modrm && (rex & 8) && code[prefixes] >= 0xb8 &&
		    code[prefixes] <= 0xbf)
			length += 4;
		if (length > size)
			return;
		name(out, marker, form->mnemonic);
		out->length = length;
		/* The kernel emulates push only bare or with REX.B alone, branches only bare, nop
		 * with any prefix. */
		out->cheap = form->cheap && (!prefixes || code[prefixes] == 0x90 ||
					     (code[prefixes] < 0x58 && prefixes == 1 && rex == 0x41));
		if (!prefixes && (code[0] == 0xe9 || code[0] == 0xeb))
			set_jump(out, code, vaddr);
		return;
	}
	if (code[prefixes] >= 0x80 && code[prefixes] <= 0x83)
		classify_group1(code + prefixes, size - prefixes, prefixes, marker, out);
}

static void classify_aarch64(const uint8_t *code, size_t size, uint64_t vaddr, struct instruction *out)
{
	const char *marker = "";
	uint32_t word = 0;

	name(out, "", "?");
	for (int i = 0; i < 3 && size >= 4; i++) {
		memcpy(&word, code, sizeof(word));
		if ((word & 0xffffff3f) == 0xd503241f)
			marker = "bti";
		else if (word == 0xd503233f || word == 0xd503237f)
			marker = "paciasp";
		else
			break;
		out->skip += 4;
		code += 4;
		size -= 4;
		vaddr += 4;
	}
	name(out, marker, "?");
	if (size < 4)
		return;
	out->length = 4;
	if ((word & 0x7c000000) == 0x14000000) { /* b, bl */
		out->jump = !(word >> 31);
		out->cheap = true;
		/* The distance is a signed number of 26 bits, in words. */
		out->target = vaddr + (((int64_t)((uint64_t)word << 38)) >> 36);
		if (!out->jump)
			out->target = 0;
		name(out, marker, out->jump ? "b" : "bl");
	} else if ((word & 0xffc003ff) == 0xa98003fd || (word & 0xffc00000) == 0xa9800000) {
		name(out, marker, "stp");
	} else if ((word & 0xff8003ff) == 0xd10003ff) {
		name(out, marker, "sub sp");
	} else if (word == 0xd503201f) {
		name(out, marker, "nop");
	} else if ((word & 0x1f000000) == 0x10000000) {
		name(out, marker, "adr");
		out->cheap = true;
	}
}

void instruction_classify(enum instruction_set set, const uint8_t *code, size_t size, uint64_t vaddr,
			  struct instruction *out)
{
	*out = (struct instruction){.mnemonic = "?"};
	if (set == INSTRUCTIONS_X86_64)
		classify_x86_64(code, size, vaddr, out);
	else
		classify_aarch64(code, size, vaddr, out);
}
