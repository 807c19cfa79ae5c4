// SPDX-License-Identifier: Apache-2.0
/* The ELF reader on every build of PostgreSQL, and on damaged files: it may refuse them, but never
 * read outside of them. */
#include "../../bpf/elf.h"

#include "builds.h"
#include "check.h"
#include "image.h"

#define DAMAGED_FILES 50000
#define VERSION	      "PostgreSQL 17.4 on x86_64-pc-linux-gnu, compiled by gcc 14, 64-bit"

static void test_build(const struct build *build)
{
	struct elf_symbol symbols[] = {{.name = "EndCommand"}, {.name = "debug_query_string"}, {.name = "errordata"},
				       {.name = "MyBEEntry"},  {.name = "EndComman"},	       {.name = "EndCommands"}};
	int fd = build_open(build), major = 0;
	char version[32], prefix[8];
	struct error err = {0};
	size_t available;
	struct elf elf;

	if (fd < 0)
		return;
	check_case = build->path;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	CHECK(elf.position_independent);
	CHECK_EQUAL(elf_postgres_version(&elf, version, sizeof(version), &major, &err), 0);
	CHECK_EQUAL(major, build->major);
	snprintf(prefix, sizeof(prefix), "%d.", build->major);
	CHECK(strncmp(version, prefix, strlen(prefix)) == 0);

	CHECK_EQUAL(elf_find_symbols(&elf, symbols, 6), build->stripped ? 3 : 4);
	CHECK_EQUAL(symbols[0].kind, ELF_FUNCTION);
	CHECK_EQUAL(symbols[0].table, ELF_DYNSYM);
	CHECK(elf_at(&elf, symbols[0].vaddr, &available) == elf.bytes + symbols[0].file_offset);
	CHECK_EQUAL(symbols[1].kind, ELF_OBJECT);
	CHECK_EQUAL(symbols[1].size, sizeof(char *));
	CHECK_EQUAL(symbols[1].file_offset, 0); /* .bss */
	CHECK_EQUAL(symbols[2].kind, build->stripped ? ELF_ABSENT : ELF_OBJECT);
	CHECK_EQUAL(symbols[2].table, build->stripped ? ELF_DYNSYM : ELF_SYMTAB);
	CHECK_EQUAL(symbols[3].kind, ELF_OBJECT);
	CHECK_EQUAL(symbols[3].table, build->major == 13 ? ELF_SYMTAB : ELF_DYNSYM);
	CHECK_EQUAL(symbols[4].kind, ELF_ABSENT);
	CHECK_EQUAL(symbols[5].kind, ELF_ABSENT);
	elf_file_close(&elf);
}

static void test_image(void)
{
	struct elf_symbol symbols[] = {
		{.name = "EndCommand"}, {.name = "exported"}, {.name = "local"}, {.name = "undefined"}};
	struct image image = image_make(VERSION);
	int fd = image_file(&image, sizeof(image));
	struct error err = {0};
	size_t available;
	struct elf elf;

	check_case = "the tiny executable";
	CHECK_EQUAL(elf_file_open(fd, "it", &elf, &err), 0);
	CHECK_EQUAL(elf.segment_count, 2);
	CHECK_EQUAL(elf_find_symbols(&elf, symbols, 4), 3);
	CHECK_EQUAL(symbols[0].table, ELF_DYNSYM); /* the exported one wins over a local namesake */
	CHECK_EQUAL(symbols[0].file_offset, offsetof(struct image, code));
	CHECK_EQUAL(symbols[1].table, ELF_SYMTAB);
	CHECK_EQUAL(symbols[2].kind, ELF_OBJECT);
	CHECK_EQUAL(symbols[2].file_offset, 0);
	CHECK_EQUAL(symbols[3].kind, ELF_ABSENT);
	CHECK(elf_at(&elf, IMAGE_VADDR + sizeof(image) - 1, &available));
	CHECK_EQUAL(available, 1);
	CHECK(!elf_at(&elf, IMAGE_VADDR + sizeof(image), &available));
	CHECK(!elf_at(&elf, IMAGE_VADDR - 1, &available));
	elf_file_close(&elf);
	close(fd);
}

static void refused(const void *bytes, size_t size, const char *reason, const char *what)
{
	int fd = image_file(bytes, size);
	struct error err = {0};
	struct elf elf;

	check_case = what;
	CHECK_EQUAL(elf_file_open(fd, "the file", &elf, &err), -1);
	CHECK_TEXT(err.reason, reason);
	CHECK(strstr(err.message, "the file"));
	close(fd);
}

static void test_refusals(void)
{
	struct image image = image_make(VERSION);

	refused("", 0, "NotPostmaster", "an empty file");
	refused("#!/bin/sh\n", 10, "NotPostmaster", "a script");
	refused(&image, sizeof(Elf64_Ehdr) - 1, "NotPostmaster", "a header cut short");
	refused(&image, sizeof(Elf64_Ehdr), "MissingSymbols", "no program headers");
	refused(&image, sizeof(image) / 2, "MissingSymbols", "a segment cut short");
	image.header.e_ident[EI_CLASS] = ELFCLASS32;
	refused(&image, sizeof(image), "UnsupportedVersion", "32 bits");
	image = image_make(VERSION);
	image.header.e_machine = EM_S390;
	refused(&image, sizeof(image), "UnsupportedVersion", "another machine");
	image = image_make(VERSION);
	image.header.e_type = ET_REL;
	refused(&image, sizeof(image), "NotPostmaster", "an object file");
	image = image_make(VERSION);
	image.segments[0].p_type = image.segments[1].p_type = PT_NOTE;
	refused(&image, sizeof(image), "MissingSymbols", "nothing to load");
}

static void damage(struct image *image)
{
	static const uint64_t extremes[] = {0, 1, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff};
	size_t headers = offsetof(struct image, strings);

	for (unsigned int i = 0; i <= check_random() % 4; i++) {
		size_t width = 1U << check_random() % 4;
		size_t at = check_random() % (headers - sizeof(uint64_t));
		uint64_t value =
			check_random() % 2 ? extremes[check_random() % 6] : check_random() % (2 * sizeof(*image));

		memcpy((uint8_t *)image + at, &value, width);
	}
}

static void test_damaged(void)
{
	unsigned int accepted = 0, found = 0;

	check_case = "a damaged file";
	for (int i = 0; i < DAMAGED_FILES; i++) {
		struct elf_symbol symbols[] = {{.name = "EndCommand"}, {.name = "local"}};
		struct image image = image_make(VERSION);
		struct error err = {0};
		size_t available;
		char version[32];
		struct elf elf;
		int major, fd;

		damage(&image);
		fd = image_file(&image, check_random() % 8 ? sizeof(image) : check_random() % sizeof(image));
		if (elf_file_open(fd, "the file", &elf, &err) == 0) {
			accepted++;
			found += elf_find_symbols(&elf, symbols, 2) > 0;
			if (elf_at(&elf, symbols[0].vaddr, &available))
				CHECK(available <= elf.size);
			elf_postgres_version(&elf, version, sizeof(version), &major, &err);
			elf_file_close(&elf);
		} else {
			CHECK(err.reason && *err.message);
		}
		close(fd);
	}
	/* Else the damage is such that what lies behind the first check is never reached, or never
	 * damaged. */
	CHECK(accepted > DAMAGED_FILES / 10 && accepted < DAMAGED_FILES);
	CHECK(found > accepted / 10 && found < accepted);
}

static void test_versions(void)
{
	static const struct {
		const char *text, *version; /* NULL: not the version text of a server */
		int major;
	} cases[] = {
		{"PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by "
		 "gcc",
		 "15.20", 15},
		{"PostgreSQL 19beta1 on aarch64-linux, compiled by clang", "19beta1", 19},
		{"PostgreSQL 20devel on x86_64-linux, compiled by gcc-14.2.0, 64-bit", "20devel", 20},
		{"PostgreSQL 9.6.24 on x86_64-pc-linux-gnu, compiled by gcc", "9.6.24", 9},
		{"x PostgreSQL PostgreSQL 16.1 on x86_64, compiled by gcc", "16.1", 16},
		{"PostgreSQL 15.20 (Debian 15.20-0+deb12u1)", NULL, 0},
		{"PostgreSQL license on this, compiled by hand", NULL, 0},
		{"PostgreSQL 123456789 on x, compiled by y", NULL, 0},
		{"PostgreSQL 17.01234567890123456789012345678 on x, compiled by y", NULL, 0},
		{"PostgreSQL ", NULL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image image = image_make(cases[i].text);
		int fd = image_file(&image, sizeof(image)), major = 0;
		struct error err = {0};
		char version[32] = "";
		struct elf elf;

		check_case = cases[i].text;
		CHECK_EQUAL(elf_file_open(fd, "the file", &elf, &err), 0);
		CHECK_EQUAL(elf_postgres_version(&elf, version, sizeof(version), &major, &err),
			    cases[i].version ? 0 : -1);
		CHECK_TEXT(version, cases[i].version ? cases[i].version : "");
		CHECK_EQUAL(major, cases[i].major);
		elf_file_close(&elf);
		close(fd);
	}
}

int main(void)
{
	for (size_t i = 0; i < BUILD_COUNT; i++)
		test_build(&builds[i]);
	test_image();
	test_refusals();
	test_damaged();
	test_versions();
	return CHECK_DONE();
}
