// SPDX-License-Identifier: Apache-2.0
/*
 * What tests in C need: CHECK(), which says where and what and goes on, and CHECK_DONE() for the
 * end of main(). Each *_test.c is a program of its own, started in the checkout's root directory.
 */
#ifndef PGSCOPE_CHECK_H
#define PGSCOPE_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CHECK_SHOWN 20 /* failures that are printed; the rest is only counted */

static unsigned int checks, failures;
static const char *check_case = ""; /* shown with a failure: which row of a table, which file */

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		checks++;                                                                          \
		if (!(condition)) {                                                                \
			if (failures++ < CHECK_SHOWN)                                              \
				fprintf(stderr, "%s:%d: not true: %s  %s\n", __FILE__, __LINE__,   \
					#condition, check_case);                                   \
		}                                                                                  \
	} while (0)

#define CHECK_EQUAL(actual, expected)                                                              \
	do {                                                                                       \
		long long got_ = (long long)(actual), want_ = (long long)(expected);               \
		checks++;                                                                          \
		if (got_ != want_) {                                                               \
			if (failures++ < CHECK_SHOWN)                                              \
				fprintf(stderr, "%s:%d: %s is %lld, not %lld  %s\n", __FILE__,     \
					__LINE__, #actual, got_, want_, check_case);               \
		}                                                                                  \
	} while (0)

#define CHECK_TEXT(actual, expected)                                                               \
	do {                                                                                       \
		const char *got_ = (actual), *want_ = (expected);                                  \
		checks++;                                                                          \
		if (!got_ || strcmp(got_, want_) != 0) {                                           \
			if (failures++ < CHECK_SHOWN)                                              \
				fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"  %s\n", __FILE__, \
					__LINE__, #actual, got_ ? got_ : "(null)", want_,          \
					check_case);                                               \
		}                                                                                  \
	} while (0)

#define CHECK_DONE()                                                                               \
	(printf("%s: %u checks, %u failed\n", __FILE__, checks, failures), failures ? 1 : 0)

/* The same numbers in every run, so that a failure of a fuzz test comes again. */
static inline uint32_t check_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 32;
}

#endif
