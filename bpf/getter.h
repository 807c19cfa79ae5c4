// SPDX-License-Identifier: Apache-2.0
/*
 * Where a static variable lies that an exported function returns and does nothing else: that function is one load
 * relative to the instruction pointer, and a return.
 */
#ifndef PGSCOPE_GETTER_H
#define PGSCOPE_GETTER_H

#include <stddef.h>
#include <stdint.h>

/* The x86-64 code of a function that belongs at `vaddr` and returns 64 bits. 0: it is not of that kind. */
uint64_t getter_variable(const uint8_t *code, size_t size, uint64_t vaddr);

#endif
