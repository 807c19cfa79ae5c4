// SPDX-License-Identifier: Apache-2.0
/* An error for people: one CamelCase word for programs, one sentence for whoever reads it. */
#ifndef PGSCOPE_ERROR_H
#define PGSCOPE_ERROR_H

#include <stdarg.h>
#include <stdio.h>

struct error {
	const char *reason; /* a word of docs/tracer-protocol.md, event `refused`; a literal */
	char message[512];  /* what failed, on what, why, what to do */
};

/* Fills err and returns -1, so that a caller can `return error_set(…)`. Longer messages are cut
 * off. */
__attribute__((format(printf, 3, 4))) static inline int error_set(struct error *err, const char *reason,
								  const char *fmt, ...)
{
	va_list args;

	err->reason = reason;
	va_start(args, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	return -1;
}

#endif
