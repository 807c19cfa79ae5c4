// SPDX-License-Identifier: Apache-2.0
/*
 * The first instruction of a function, as far as it decides what a uprobe there costs: the kernel
 * emulates a few instructions (cheap, measured 0.5 µs in a VM) and single-steps all others (9.5
 * µs).
 */
#ifndef PGSCOPE_INSTRUCTION_H
#define PGSCOPE_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instruction {
	char mnemonic[24]; /* "push", "endbr64+push"; "?" when unknown */
	uint8_t skip;	   /* bytes of markers to step over: probe at function + skip */
	uint8_t length;	   /* bytes of the instruction at + skip; 0: unknown */
	bool cheap;	   /* the kernel emulates it */
	bool jump;	   /* an unconditional direct jump: the function is only a way to another one */
	uint64_t target;   /* virtual address in the file where the jump goes */
};

enum instruction_set { INSTRUCTIONS_X86_64, INSTRUCTIONS_AARCH64 };

/* Classifies the code of a function: `size` bytes (16 are enough) that belong at `vaddr`. */
void instruction_classify(enum instruction_set set, const uint8_t *code, size_t size, uint64_t vaddr,
			  struct instruction *out);

#endif
