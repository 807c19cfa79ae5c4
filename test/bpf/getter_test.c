// SPDX-License-Identifier: Apache-2.0
/* Functions that return a static variable: of every build, as compilers write them, cut off, and others. */
#include "../../bpf/getter.h"

#include <unistd.h>

#include "../../bpf/elf.h"
#include "builds.h"
#include "check.h"

#define VADDR	    0x400000
#define CODE(bytes) (const uint8_t *)bytes, sizeof(bytes) - 1

static void test_build(const struct build *build)
{
	struct elf_symbol symbols[] = {{.name = "GetCurrentStatementStartTimestamp"},
				       {.name = "stmtStartTimestamp"},
				       {.name = "GetCurrentTransactionNestLevel"}};
	int fd = build_open(build);
	struct error err = {0};
	const uint8_t *code;
	struct elf elf;
	uint64_t vaddr;
	size_t size;

	if (fd < 0)
		return;
	check_case = build->path;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	elf_find_symbols(&elf, symbols, 3);
	code = elf_at(&elf, symbols[0].vaddr, &size);
	vaddr = getter_variable(code, size, symbols[0].vaddr);
	CHECK(vaddr);
	if (!build->stripped)
		CHECK_EQUAL(vaddr, symbols[1].vaddr);
	code = elf_at(&elf, symbols[2].vaddr, &size);
	CHECK_EQUAL(getter_variable(code, size, symbols[2].vaddr), 0); /* it follows a pointer */
	elf_file_close(&elf);
}

static void test_code(void)
{
	static const uint8_t plain[] = "\x48\x8b\x05\xf9\x0f\x00\x00\xc3"; /* mov 0xff9(%rip),%rax; ret */

	check_case = "as compilers write it";
	CHECK_EQUAL(getter_variable(plain, 8, VADDR), VADDR + 0x1000);
	CHECK_EQUAL(getter_variable(CODE("\xf3\x0f\x1e\xfa\x48\x8b\x05\xf5\x0f\x00\x00\xc3"), VADDR), VADDR + 0x1000);
	CHECK_EQUAL(getter_variable(CODE("\x55\x48\x89\xe5\x48\x8b\x05\xf5\x0f\x00\x00\x5d\xc3"), VADDR),
		    VADDR + 0x1000);
	CHECK_EQUAL(getter_variable(CODE("\x48\x8b\x05\xf9\xff\xff\xff\xc3"), VADDR), VADDR); /* in front of it */
	check_case = "other code";
	CHECK_EQUAL(getter_variable(CODE("\x48\x8b\x05\xf9\x0f\x00\x00\x8b\x40\x04\xc3"), VADDR), 0);
	CHECK_EQUAL(getter_variable(CODE("\x55\x48\x89\xe5\x48\x8b\x05\xf5\x0f\x00\x00\xc3\x90"), VADDR), 0);
	CHECK_EQUAL(getter_variable(CODE("\x8b\x05\xf9\x0f\x00\x00\xc3\x90"), VADDR), 0); /* 32 bits */
	check_case = "cut off";
	for (size_t size = 0; size < 8; size++)
		CHECK_EQUAL(getter_variable(plain, size, VADDR), 0);
}

int main(void)
{
	for (size_t i = 0; i < BUILD_COUNT; i++)
		test_build(&builds[i]);
	test_code();
	return CHECK_DONE();
}
