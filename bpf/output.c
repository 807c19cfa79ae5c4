// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

#define MAX_DEPTH 8

static bool first[MAX_DEPTH]; /* nothing written yet at this depth */
static int depth;

static void begin_value(const char *key)
{
	if (!first[depth])
		putchar(',');
	first[depth] = false;
	if (key)
		printf("\"%s\":", key);
}

static void open_value(const char *key, char bracket)
{
	begin_value(key);
	putchar(bracket);
	if (depth < MAX_DEPTH - 1)
		depth++;
	first[depth] = true;
}

static void close_value(char bracket)
{
	putchar(bracket);
	depth--;
}

/* The length of the valid UTF-8 character that begins here; 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] >= 0x80 && (s[0] < 0xc2 || s[0] > 0xf4))
		return 0;
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

static void write_ascii(unsigned char c)
{
	if (c == '"' || c == '\\')
		printf("\\%c", c);
	else if (c == '\n')
		fputs("\\n", stdout);
	else if (c == '\t')
		fputs("\\t", stdout);
	else if (c < 0x20 || c == 0x7f)
		printf("\\u%04x", c);
	else
		putchar(c);
}

static void write_text(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0;

	putchar('"');
	while (i < size) {
		size_t length = utf8_length(s + i, size - i);

		if (length == 0)
			fputs("\\ufffd", stdout);
		else if (length == 1)
			write_ascii(s[i]);
		else
			fwrite(s + i, 1, length, stdout);
		i += length ? length : 1;
	}
	putchar('"');
}

void output_begin(const char *type)
{
	depth = 0;
	first[0] = true;
	putchar('{');
	output_string("type", type);
}

void output_end(void)
{
	fputs("}\n", stdout);
	fflush(stdout);
}

void output_text(const char *key, const char *text, size_t length)
{
	begin_value(key);
	write_text(text, length);
}

void output_string(const char *key, const char *value)
{
	output_text(key, value, strlen(value));
}

void output_number(const char *key, uint64_t value)
{
	begin_value(key);
	printf("%" PRIu64, value);
}

void output_signed(const char *key, int64_t value)
{
	begin_value(key);
	printf("%" PRId64, value);
}

void output_counter(const char *key, uint64_t value)
{
	if (value)
		output_number(key, value);
}

void output_decimal(const char *key, uint64_t value)
{
	begin_value(key);
	printf("\"%" PRIu64 "\"", value);
}

void output_fingerprint(const char *key, uint64_t fingerprint)
{
	begin_value(key);
	printf("\"%016" PRIx64 "\"", fingerprint);
}

void output_bool(const char *key, bool value)
{
	begin_value(key);
	fputs(value ? "true" : "false", stdout);
}

void output_null(const char *key)
{
	begin_value(key);
	fputs("null", stdout);
}

void output_object(const char *key)
{
	open_value(key, '{');
}

void output_object_end(void)
{
	close_value('}');
}

void output_array(const char *key)
{
	open_value(key, '[');
}

void output_array_end(void)
{
	close_value(']');
}

void log_line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
