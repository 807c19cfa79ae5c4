// SPDX-License-Identifier: Apache-2.0
/* First instructions: known encodings, the hooks of every build, and random bytes. */
#include "../../bpf/instruction.h"

#include <unistd.h>

#include "../../bpf/elf.h"
#include "builds.h"
#include "check.h"

#define VADDR	    0x1000
#define RANDOM_CODE 200000

struct encoding {
	const char *code;
	uint8_t size;
	const char *mnemonic;
	uint8_t skip, length;
	bool cheap;
	uint64_t target;
};

/* Bytes as an assembler writes them. */
static const struct encoding x86_64[] = {
	{"\x55", 1, "push", 0, 1, true, 0},
	{"\x41\x57", 2, "push", 0, 2, true, 0},
	{"\x48\x55", 2, "push", 0, 2, false, 0}, /* allowed, but the kernel does not emulate it */
	{"\xf3\x0f\x1e\xfa\x55", 5, "endbr64+push", 4, 1, true, 0},
	{"\xf3\x0f\x1e\xfa\x41\x54", 6, "endbr64+push", 4, 2, true, 0},
	{"\xf3\x0f\x1e\xfa", 4, "endbr64+?", 4, 0, false, 0},
	{"\xe9\x10\x00\x00\x00", 5, "jmp", 0, 5, true, VADDR + 0x15},
	{"\xe9\xfb\xff\xff\xff", 5, "jmp", 0, 5, true, VADDR},
	{"\xeb\xfe", 2, "jmp", 0, 2, true, VADDR},
	{"\xf3\x0f\x1e\xfa\xeb\x02", 6, "endbr64+jmp", 4, 2, true, VADDR + 8},
	{"\xe8\x00\x00\x00\x00", 5, "call", 0, 5, true, 0},
	{"\x74\x10", 2, "jcc", 0, 2, true, 0},
	{"\x0f\x88\x10\x00\x00\x00", 6, "jcc", 0, 6, true, 0},
	{"\x90", 1, "nop", 0, 1, true, 0},
	{"\x66\x90", 2, "nop", 0, 2, true, 0},
	{"\x0f\x1f\x44\x00\x00", 5, "nop", 0, 5, true, 0},
	{"\x66\x0f\x1f\x84\x00\x00\x00\x00\x00", 9, "nop", 0, 9, true, 0},
	{"\x48\x83\xec\x08", 4, "sub", 0, 4, false, 0},
	{"\x48\x81\xec\x00\x01\x00\x00", 7, "sub", 0, 7, false, 0},
	{"\x48\x8b\x05\x00\x00\x00\x00", 7, "mov", 0, 7, false, 0},
	{"\x48\x89\xe5", 3, "mov", 0, 3, false, 0},
	{"\xb8\x01\x00\x00\x00", 5, "mov", 0, 5, false, 0},
	{"\x48\xb8\x01\x00\x00\x00\x00\x00\x00\x00", 10, "mov", 0, 10, false, 0},
	{"\x48\x63\x05\x00\x00\x00\x00", 7, "movslq", 0, 7, false, 0},
	{"\x83\xff\x14", 3, "cmp", 0, 3, false, 0},
	{"\x83\x3d\x00\x00\x00\x00\x00", 7, "cmp", 0, 7, false, 0},
	{"\x80\x3d\x00\x00\x00\x00\x00", 7, "cmp", 0, 7, false, 0},
	{"\x31\xf6", 2, "xor", 0, 2, false, 0},
	{"\x85\xc0", 2, "test", 0, 2, false, 0},
	{"\x8b\x44\x02\x30", 4, "mov", 0, 4, false, 0},
	{"\xc3", 1, "ret", 0, 1, false, 0},
	{"\xcc", 1, "?", 0, 0, false, 0},
	{"\xe9\x10\x00\x00", 4, "?", 0, 0, false, 0}, /* cut short */
	{"", 0, "?", 0, 0, false, 0},
};

static const struct encoding aarch64[] = {
	{"\x5f\x24\x03\xd5\xfd\x7b\xbf\xa9", 8, "bti+stp", 4, 4, false, 0},
	{"\x3f\x23\x03\xd5\xfd\x7b\xbe\xa9", 8, "paciasp+stp", 4, 4, false, 0},
	{"\x5f\x24\x03\xd5\x3f\x23\x03\xd5\xff\x43\x00\xd1", 12, "paciasp+sub sp", 8, 4, false, 0},
	{"\xfd\x7b\xbd\xa9", 4, "stp", 0, 4, false, 0},
	{"\x04\x00\x00\x14", 4, "b", 0, 4, true, VADDR + 16},
	{"\xff\xff\xff\x17", 4, "b", 0, 4, true, VADDR - 4},
	{"\x04\x00\x00\x94", 4, "bl", 0, 4, true, 0},
	{"\x60\x00\x00\xb0", 4, "adr", 0, 4, true, 0},
	{"\x1f\x20\x03\xd5", 4, "nop", 0, 4, false, 0},
	{"\xfd\x7b", 2, "?", 0, 0, false, 0},
};

static void test_encodings(enum instruction_set set, const struct encoding *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct instruction instruction;
		char row[32];

		snprintf(row, sizeof(row), "row %zu", i);
		check_case = row;
		instruction_classify(set, (const uint8_t *)rows[i].code, rows[i].size, VADDR, &instruction);
		CHECK_TEXT(instruction.mnemonic, rows[i].mnemonic);
		CHECK_EQUAL(instruction.skip, rows[i].skip);
		CHECK_EQUAL(instruction.length, rows[i].length);
		CHECK_EQUAL(instruction.cheap, rows[i].cheap);
		CHECK_EQUAL(instruction.jump, rows[i].target != 0);
		CHECK_EQUAL(instruction.target, rows[i].target);
	}
}

/* What was measured: these are cheap in every build, behind endbr64 where there is one. */
static void test_hooks(const struct build *build)
{
	struct elf_symbol symbols[] = {{.name = "EndCommand"},	    {.name = "ReadyForQuery"},
				       {.name = "EmitErrorReport"}, {.name = "AbortCurrentTransaction"},
				       {.name = "PortalRun"},	    {.name = "pgstat_report_activity"},
				       {.name = "ExecutorRun"}, /* these two are slow */
				       {.name = "errcode"}};
	struct instruction instruction;
	int fd = build_open(build);
	struct error err = {0};
	struct elf elf;

	if (fd < 0)
		return;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	CHECK_EQUAL(elf_find_symbols(&elf, symbols, 8), 8);
	for (unsigned int i = 0; i < 8; i++) {
		size_t available;
		const uint8_t *code = elf_at(&elf, symbols[i].vaddr, &available);

		check_case = symbols[i].name;
		instruction_classify(elf.instructions, code, available, symbols[i].vaddr, &instruction);
		CHECK_EQUAL(instruction.cheap, i < 6);
		CHECK_EQUAL(instruction.skip, build->marked ? 4 : 0);
		CHECK(instruction.length > 0);
		if (i < 6)
			CHECK_TEXT(instruction.mnemonic, build->marked ? "endbr64+push" : "push");
	}
	elf_file_close(&elf);
}

/* errstart_cold is nothing but a jump to errstart. */
static void test_jump(const struct build *build)
{
	struct elf_symbol symbols[] = {{.name = "errstart_cold"}, {.name = "errstart"}};
	struct instruction instruction;
	int fd = build_open(build);
	struct error err = {0};
	const uint8_t *code;
	struct elf elf;
	size_t available;

	if (fd < 0)
		return;
	check_case = build->path;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	CHECK_EQUAL(elf_find_symbols(&elf, symbols, 2), build->major == 13 ? 1 : 2);
	if (symbols[0].kind != ELF_ABSENT) {
		code = elf_at(&elf, symbols[0].vaddr, &available);
		instruction_classify(elf.instructions, code, available, symbols[0].vaddr, &instruction);
		CHECK(instruction.jump);
		CHECK_EQUAL(instruction.target, symbols[1].vaddr);
	}
	elf_file_close(&elf);
}

static void test_random(void)
{
	check_case = "random bytes";
	for (int i = 0; i < RANDOM_CODE; i++) {
		size_t size = check_random() % 16;
		uint8_t *code = malloc(size + !size); /* so that a sanitizer sees its end */
		struct instruction instruction;

		for (size_t j = 0; j < size; j++)
			code[j] = check_random();
		if (size && check_random() % 2)
			code[0] = "\x48\x66\x0f\xf3\x41\x83\xe9\x8b"[check_random() % 8];
		instruction_classify(i % 2 ? INSTRUCTIONS_X86_64 : INSTRUCTIONS_AARCH64, code, size, VADDR,
				     &instruction);
		CHECK((size_t)(instruction.skip + instruction.length) <= size);
		CHECK(!instruction.cheap || instruction.length);
		free(code);
	}
}

int main(void)
{
	test_encodings(INSTRUCTIONS_X86_64, x86_64, sizeof(x86_64) / sizeof(x86_64[0]));
	test_encodings(INSTRUCTIONS_AARCH64, aarch64, sizeof(aarch64) / sizeof(aarch64[0]));
	for (size_t i = 0; i < BUILD_COUNT; i++) {
		test_hooks(&builds[i]);
		test_jump(&builds[i]);
	}
	test_random();
	return CHECK_DONE();
}
