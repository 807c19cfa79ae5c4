// SPDX-License-Identifier: Apache-2.0
/*
 * Reads an ELF64 executable (x86-64, aarch64): symbols, segments, strings. The file is whatever a
 * container holds, so every offset in it is checked before use, and nothing is allocated in
 * proportion to what it claims.
 */
#ifndef PGSCOPE_ELF_H
#define PGSCOPE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "instruction.h"

#define ELF_MAX_SEGMENTS 16

struct elf_segment {
	uint64_t vaddr, offset, file_size, memory_size;
	bool executable, writable;
};

struct elf {
	const uint8_t *bytes; /* the whole file, mapped read-only */
	size_t size;
	enum instruction_set instructions;
	bool position_independent;
	uint64_t entry;		    /* e_entry, a virtual address */
	unsigned int segment_count; /* PT_LOAD only, in file order */
	struct elf_segment segments[ELF_MAX_SEGMENTS];
};

enum elf_symbol_kind { ELF_ABSENT, ELF_FUNCTION, ELF_OBJECT };
enum elf_symbol_table { ELF_DYNSYM, ELF_SYMTAB };

struct elf_symbol {
	const char *name;	     /* set by the caller */
	enum elf_symbol_kind kind;   /* ELF_ABSENT: not found */
	enum elf_symbol_table table; /* where it was found; .dynsym wins */
	uint64_t vaddr, size;
	uint64_t file_offset; /* 0 for .bss, which has no bytes in the file */
};

/* Maps the file behind `fd` (which stays the caller's, and may be closed afterwards). `path` is for
 * messages only. */
int elf_file_open(int fd, const char *path, struct elf *out, struct error *err);
void elf_file_close(struct elf *elf);

/* Fills every symbol of the list whose name is defined, first from .dynsym, then from .symtab;
 * returns how many are. */
int elf_find_symbols(const struct elf *elf, struct elf_symbol *symbols, unsigned int count);

/* Bytes of the file at a virtual address, at most to the end of its segment; NULL if there are
 * none. */
const uint8_t *elf_at(const struct elf *elf, uint64_t vaddr, size_t *available);

/*
 * Finds the server's own version text ("PostgreSQL 15.18 (Debian …) on x86_64-pc-linux-gnu,
 * compiled by …") and gives its number ("15.18", "19beta1") and major version.
 */
int elf_postgres_version(const struct elf *elf, char *version, size_t size, int *major, struct error *err);

#endif
