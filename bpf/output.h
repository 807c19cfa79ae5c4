// SPDX-License-Identifier: Apache-2.0
/* Events on stdout, one JSON object a line. A line is written whole or not at all. */
#ifndef PGSCOPE_OUTPUT_H
#define PGSCOPE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins an event; the fields follow, then output_end(). */
void output_begin(const char *type);
void output_end(void);

void output_string(const char *key, const char *value);
/* Text of a client: not terminated, and of any encoding; what is no UTF-8 becomes U+FFFD. */
void output_text(const char *key, const char *text, size_t length);
void output_number(const char *key, uint64_t value);
void output_signed(const char *key, int64_t value);
/* A counter: left out if it is 0. */
void output_counter(const char *key, uint64_t value);
/* 64-bit numbers that JSON readers would round: as a string. */
void output_decimal(const char *key, uint64_t value);
void output_fingerprint(const char *key, uint64_t fingerprint);
void output_bool(const char *key, bool value);
void output_null(const char *key);

/* Nested values; `key` is NULL inside an array. */
void output_object(const char *key);
void output_object_end(void);
void output_array(const char *key);
void output_array_end(void);

/* A log line for people, on stderr. */
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);

#endif
