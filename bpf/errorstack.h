// SPDX-License-Identifier: Apache-2.0
/*
 * Where a backend keeps the error that it reports. `errordata` is static in PostgreSQL, but the
 * exported geterrcode() returns errordata[errordata_stack_depth].sqlerrcode in a handful of
 * instructions, and these hold every number needed.
 */
#ifndef PGSCOPE_ERRORSTACK_H
#define PGSCOPE_ERRORSTACK_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct error_stack {
	uint64_t depth_address; /* int errordata_stack_depth; -1 when there is no error */
	uint64_t array_address; /* ErrorData errordata[5] */
	uint32_t element_size;	/* sizeof(ErrorData) */
	uint32_t sqlerrcode_offset;
	uint32_t elevel_offset;
};

/* Decodes the x86-64 code of geterrcode, which belongs at `vaddr`; addresses come out in the same
 * address space. */
int error_stack_decode(const uint8_t *code, size_t size, uint64_t vaddr, struct error_stack *out, struct error *err);

#endif
