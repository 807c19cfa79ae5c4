// SPDX-License-Identifier: Apache-2.0
/* What the drain's test is told: the functions of output.h, which add the lines up in `counted`. */
#ifndef PGSCOPE_DRAIN_TOLD_H
#define PGSCOPE_DRAIN_TOLD_H

#include <stdlib.h>

#include "drain_maps.h"

/* The events, as far as they matter here: sums of what was told of each query. */
static struct counted *of;
static struct query_value *line;
static struct wait_value *line_waits;
static unsigned int buckets_told, told_lines;

void output_begin(const char *type)
{
	line = NULL;
	told_lines += strcmp(type, "aggregate") == 0;
}

void output_string(const char *key, const char *value)
{
	if (strcmp(key, "target") == 0)
		of = &counted[atoi(value)];
}

void output_fingerprint(const char *key, uint64_t fingerprint)
{
	unsigned int query = fingerprint == FINGERPRINT_OVERFLOW ? QUERIES : fingerprint;

	(void)key;
	line = &of->told[query];
	line_waits = &of->waits_told[query];
}

void output_text(const char *key, const char *text, size_t length)
{
	(void)key, (void)text, (void)length;
}

void output_backend_type(int major, uint64_t fingerprint)
{
	(void)major, (void)fingerprint;
}

void output_wait(uint32_t event, uint64_t count, uint64_t ns)
{
	CHECK_EQUAL(event, EVENT);
	CHECK(count < IMPOSSIBLE && ns < IMPOSSIBLE);
	line_waits->count += count;
	line_waits->ns += ns;
}

static void told_number(const char *key, uint64_t value)
{
	CHECK(value < IMPOSSIBLE);
	if (!line)
		return;
	if (!key)
		line->buckets[buckets_told++] += value;
	else if (strcmp(key, "calls") == 0)
		line->calls += value;
	else if (strcmp(key, "errors") == 0)
		line->errors += value;
	else if (strcmp(key, "rows") == 0)
		line->rows += value;
	else if (strcmp(key, "durationNs") == 0)
		line->duration_ns += value;
}

void output_number(const char *key, uint64_t value)
{
	told_number(key, value);
}

void output_counter(const char *key, uint64_t value)
{
	told_number(key, value);
}

void output_signed(const char *key, int64_t value)
{
	CHECK_TEXT(key, "offset");
	buckets_told = value - HISTOGRAM_OFFSET;
}

void output_sums(const struct sums *sums)
{
	for (int i = 0; i < SUMS; i++) {
		CHECK(sums->value[i] < IMPOSSIBLE);
		line->sums.value[i] += sums->value[i];
	}
}

void output_decimal(const char *key, uint64_t value)
{
	(void)key, (void)value;
}

void output_object(const char *key)
{
	(void)key;
}

void output_array(const char *key)
{
	(void)key;
}

void output_object_end(void)
{
}

void output_array_end(void)
{
}

void output_end(void)
{
}

void log_line(const char *fmt, ...)
{
	(void)fmt;
}

#endif
