// SPDX-License-Identifier: Apache-2.0
/* geterrcode() of every build and as other compilers write it; code that is cut off, and random
 * code. */
#include "../../bpf/errorstack.h"

#include <unistd.h>

#include "../../bpf/elf.h"
#include "builds.h"
#include "check.h"

#define VADDR	    0x400000
#define RANDOM_CODE 200000

static void test_build(const struct build *build)
{
	struct elf_symbol symbols[] = {
		{.name = "geterrcode"}, {.name = "errordata_stack_depth"}, {.name = "errordata"}};
	int fd = build_open(build);
	struct error_stack stack;
	struct error err = {0};
	const uint8_t *code;
	struct elf elf;
	size_t available;

	if (fd < 0)
		return;
	check_case = build->path;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	elf_find_symbols(&elf, symbols, 3);
	code = elf_at(&elf, symbols[0].vaddr, &available);
	CHECK_EQUAL(error_stack_decode(code, available, symbols[0].vaddr, &stack, &err), 0);
	CHECK_EQUAL(stack.element_size, build->major == 13 ? 192 : 184);
	CHECK_EQUAL(stack.sqlerrcode_offset, build->major == 13 ? 56 : 48);
	CHECK_EQUAL(stack.elevel_offset, 0);
	if (!build->stripped) {
		CHECK_EQUAL(stack.depth_address, symbols[1].vaddr);
		CHECK_EQUAL(stack.array_address, symbols[2].vaddr);
		CHECK_EQUAL(stack.element_size * 5, symbols[2].size);
	}
	elf_file_close(&elf);
}

struct variant {
	const char *what, *code;
	size_t size;
	uint64_t depth, array;
};

#define CODE(bytes) bytes, sizeof(bytes) - 1

/* Each with errordata_stack_depth and errordata where the code says. */
static const struct variant variants[] = {
	{"as gcc -O2 writes it",
	 CODE("\x48\x63\x05\xf9\x0f\x00\x00" /* movslq 0xff9(%rip),%rax */
	      "\x85\xc0"		     /* test %eax,%eax */
	      "\x0f\x88\x00\x01\x00\x00"     /* js elsewhere */
	      "\x48\x69\xc0\xb8\x00\x00\x00" /* imul $184,%rax,%rax */
	      "\x48\x8d\x15\xe3\x1f\x00\x00" /* lea 0x1fe3(%rip),%rdx */
	      "\x8b\x44\x02\x30\xc3"),	     /* mov 0x30(%rdx,%rax,1),%eax; ret */
	 VADDR + 0x1000, VADDR + 0x2000},
	{"with a frame pointer, after endbr64",
	 CODE("\xf3\x0f\x1e\xfa\x55\x48\x89\xe5" /* endbr64; push %rbp; mov %rsp,%rbp */
	      "\x8b\x05\xf2\x0f\x00\x00"	 /* mov 0xff2(%rip),%eax */
	      "\x85\xc0\x79\x01\xcc\x48\x98"	 /* test; jns over the trap; cltq */
	      "\x48\x69\xc0\xb8\x00\x00\x00"	 /* imul */
	      "\x48\x8d\x15\xdd\x1f\x00\x00"	 /* lea */
	      "\x48\x01\xd0"			 /* add %rdx,%rax */
	      "\x8b\x40\x30\x5d\xc3"),		 /* mov 0x30(%rax),%eax; pop %rbp; ret */
	 VADDR + 0x1000, VADDR + 0x2000},
	{"with the field's offset folded into the address",
	 CODE("\x48\x63\x05\xf9\x0f\x00\x00\x85\xc0\x78\x10\x48\x69\xc0\xb8\x00\x00\x00"
	      "\x48\x8d\x15\x17\x20\x00\x00" /* lea errordata+0x30(%rip),%rdx */
	      "\x8b\x04\x02\xc3"),	     /* mov (%rdx,%rax,1),%eax; ret */
	 VADDR + 0x1000, VADDR + 0x2000},
	{"not position independent",
	 CODE("\x48\x63\x05\xf9\x0f\x00\x00\x85\xc0\x78\x10\x48\x69\xc0\xb8\x00\x00\x00"
	      "\x8b\x80\x30\x20\x40\x00\xc3"), /* mov errordata+0x30(%rax),%eax; ret */
	 VADDR + 0x1000, VADDR + 0x2000},
};

static void test_variant(const struct variant *variant)
{
	struct error_stack stack;
	struct error err = {0};

	check_case = variant->what;
	CHECK_EQUAL(error_stack_decode((const uint8_t *)variant->code, variant->size, VADDR, &stack, &err), 0);
	CHECK_EQUAL(stack.depth_address, variant->depth);
	CHECK_EQUAL(stack.array_address, variant->array);
	CHECK_EQUAL(stack.element_size, 184);

	/* Cut off anywhere before the field is loaded (ret, pop %rbp are not needed). */
	for (size_t size = 0; size < variant->size - 2; size++) {
		uint8_t *code = malloc(size + !size);

		memcpy(code, variant->code, size);
		if (error_stack_decode(code, size, VADDR, &stack, &err) == 0)
			CHECK(size >= variant->size - 2);
		free(code);
	}
}

static void refused(const char *what, const char *code, size_t size)
{
	struct error_stack stack;
	struct error err = {0};

	check_case = what;
	CHECK_EQUAL(error_stack_decode((const uint8_t *)code, size, VADDR, &stack, &err), -1);
	CHECK_TEXT(err.reason, "MissingSymbols");
	CHECK(strstr(err.message, "SQLSTATE"));
	CHECK_EQUAL(stack.array_address, 0);
}

static void test_refusals(void)
{
	refused("a function that returns at once", CODE("\xc3"));
	refused("an endless loop", CODE("\xeb\xfe"));
	refused("no multiplication", CODE("\x48\x63\x05\xf9\x0f\x00\x00\x48\x8d\x15\xe3\x1f\x00\x00"
					  "\x8b\x44\x02\x30\xc3"));
	refused("elements of 16 bytes", CODE("\x48\x63\x05\xf9\x0f\x00\x00\x48\x6b\xc0\x10\x48\x8d\x15\xe3\x1f\x00\x00"
					     "\x8b\x44\x02\x30\xc3"));
	refused("a negative size", CODE("\x48\x63\x05\xf9\x0f\x00\x00\x48\x6b\xc0\xf8\x48\x8d\x15\xe3\x1f\x00\x00"
					"\x8b\x44\x02\x30\xc3"));
}

static void test_random(void)
{
	check_case = "random code";
	for (int i = 0; i < RANDOM_CODE; i++) {
		const struct variant *variant = &variants[check_random() % 4];
		uint8_t *code = malloc(variant->size);
		struct error_stack stack;
		struct error err = {0};

		memcpy(code, variant->code, variant->size);
		for (unsigned int j = 0; j <= check_random() % 4; j++)
			code[check_random() % variant->size] = check_random();
		if (error_stack_decode(code, variant->size, VADDR, &stack, &err) == 0)
			CHECK(stack.element_size >= 128 && stack.element_size <= 512 && stack.depth_address &&
			      stack.array_address);
		free(code);
	}
}

int main(void)
{
	for (size_t i = 0; i < BUILD_COUNT; i++)
		test_build(&builds[i]);
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		test_variant(&variants[i]);
	test_refusals();
	test_random();
	return CHECK_DONE();
}
