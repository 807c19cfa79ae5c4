// SPDX-License-Identifier: Apache-2.0
/* Layouts and command tags against what was read on running servers, and sizes against every
 * build's symbols. */
#include "../../bpf/layout.h"

#include <unistd.h>

#include "../../bpf/elf.h"
#include "builds.h"
#include "check.h"

/* Numbers that EndCommand was seen to get, 13 to 18. */
static const struct {
	const char *name;
	int numbers[6];
} seen[] = {
	{"SELECT", {177, 177, 178, 178, 179, 179}},  {"UPDATE", {189, 189, 190, 190, 191, 191}},
	{"SET", {183, 183, 184, 184, 185, 185}},     {"ROLLBACK", {173, 173, 174, 174, 175, 175}},
	{"INSERT", {158, 158, 158, 158, 158, 158}},  {"DELETE", {103, 103, 103, 103, 103, 103}},
	{"COPY", {56, 56, 56, 56, 56, 56}},	     {"FETCH", {154, 154, 154, 154, 154, 154}},
	{"BEGIN", {46, 46, 46, 46, 46, 46}},	     {"COMMIT", {54, 54, 54, 54, 54, 54}},
	{"DO", {109, 109, 109, 109, 109, 109}},	     {"CALL", {47, 47, 47, 47, 47, 47}},
	{"EXPLAIN", {153, 153, 153, 153, 153, 153}}, {"CREATE TABLE", {88, 88, 88, 88, 88, 88}},
	{"MERGE", {-1, -1, 162, 162, 163, 163}},     {"LOGIN", {-1, -1, -1, -1, 162, 162}},
};

static void test_tags(void)
{
	for (int major = 13; major <= 18; major++) {
		for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
			int number = seen[i].numbers[major - 13];

			check_case = seen[i].name;
			CHECK_EQUAL(command_tag_number(major, seen[i].name), number);
			if (number >= 0)
				CHECK_TEXT(command_tag_name(major, number), seen[i].name);
		}
		CHECK(!command_tag_name(major, 193));
		CHECK(!command_tag_name(major, UINT32_MAX));
		CHECK_EQUAL(command_tag_number(major, "NOTHING"), -1);
	}
	CHECK_TEXT(command_tag_name(25, 179), "SELECT"); /* as in the newest known version */
}

static void test_majors(void)
{
	struct server_layout layout;

	CHECK(!layout_of(12, &layout));
	for (int major = 13; major <= 20; major++) {
		CHECK(layout_of(major, &layout) == &layout);
		CHECK_EQUAL(layout.major, major);
		CHECK_EQUAL(layout.verified, major <= 18);
		CHECK_EQUAL(layout.error_level, major == 13 ? 20 : 21);
		CHECK_EQUAL(layout.backend_entry.query_id, major == 13 ? LAYOUT_NONE : 424);
		CHECK_EQUAL(layout.states.running, major <= 17 ? 2 : 3);
	}
}

static void test_sizes(const struct build *build)
{
	struct elf_symbol symbols[] = {{.name = "pgBufferUsage"}, {.name = "pgWalUsage"}};
	int fd = build_open(build);
	struct server_layout layout;
	struct error err = {0};
	struct elf elf;

	if (fd < 0)
		return;
	check_case = build->path;
	CHECK_EQUAL(elf_file_open(fd, build->path, &elf, &err), 0);
	close(fd);
	CHECK_EQUAL(elf_find_symbols(&elf, symbols, 2), 2);
	layout_of(build->major, &layout);
	CHECK_EQUAL(layout.buffer_usage.size, symbols[0].size);
	CHECK_EQUAL(layout.wal_usage.size, symbols[1].size);
	for (int i = 0; i < 3; i++) {
		int time_size = layout.buffer_usage.time_unit == IO_TIME_TIMESPEC ? 16 : 8;

		if (layout.buffer_usage.write_times[i] != LAYOUT_NONE)
			CHECK(layout.buffer_usage.write_times[i] + time_size <= layout.buffer_usage.size);
	}
	elf_file_close(&elf);
}

int main(void)
{
	test_tags();
	test_majors();
	for (size_t i = 0; i < BUILD_COUNT; i++)
		test_sizes(&builds[i]);
	return CHECK_DONE();
}
