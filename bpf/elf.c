// SPDX-License-Identifier: Apache-2.0
/*
 * A small ELF64 reader. The kernel refuses writes to a file that is being executed, so the mapping
 * cannot be cut short under us; what the file says of itself is another matter: all of it is read
 * through `inside` and memcpy.
 */
#include "elf.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* PostgreSQL itself has 25; a file of 1 GB with all debug information is beyond any known build. */
#define MAX_SECTIONS	    4096
#define MAX_PROGRAM_HEADERS 256
#define MAX_FILE_SIZE	    (2ULL << 30)

static bool inside(const struct elf *elf, uint64_t offset, uint64_t length)
{
	return offset <= elf->size && length <= elf->size - offset;
}

static bool read_at(const struct elf *elf, uint64_t offset, void *out, size_t length)
{
	if (!inside(elf, offset, length))
		return false;
	memcpy(out, elf->bytes + offset, length);
	return true;
}

static int read_identity(struct elf *elf, const char *path, Elf64_Ehdr *header, struct error *err)
{
	if (!read_at(elf, 0, header, sizeof(*header)) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return error_set(err, "NotPostmaster", "%s is not an ELF executable, so it is no PostgreSQL server",
				 path);
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header->e_machine != EM_X86_64 && header->e_machine != EM_AARCH64))
		return error_set(err, "UnsupportedVersion",
				 "%s is built for another kind of machine (ELF class %u, machine %u); "
				 "only 64-bit x86-64 and arm64 servers can be traced",
				 path, header->e_ident[EI_CLASS], header->e_machine);
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return error_set(err, "NotPostmaster", "%s is an ELF file but not an executable", path);
	elf->instructions = header->e_machine == EM_X86_64 ? INSTRUCTIONS_X86_64 : INSTRUCTIONS_AARCH64;
	elf->position_independent = header->e_type == ET_DYN;
	elf->entry = header->e_entry;
	return 0;
}

static int read_segments(struct elf *elf, const char *path, const Elf64_Ehdr *header, struct error *err)
{
	Elf64_Phdr segment;

	if (header->e_phentsize != sizeof(segment) || header->e_phnum > MAX_PROGRAM_HEADERS)
		goto malformed;
	for (unsigned int i = 0; i < header->e_phnum; i++) {
		if (header->e_phoff > elf->size ||
		    !read_at(elf, header->e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			goto malformed;
		if (segment.p_type != PT_LOAD)
			continue;
		if (elf->segment_count == ELF_MAX_SEGMENTS || !inside(elf, segment.p_offset, segment.p_filesz) ||
		    segment.p_filesz > segment.p_memsz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr)
			goto malformed;
		elf->segments[elf->segment_count++] = (struct elf_segment){
			.vaddr = segment.p_vaddr,
			.offset = segment.p_offset,
			.file_size = segment.p_filesz,
			.memory_size = segment.p_memsz,
			.executable = segment.p_flags & PF_X,
			.writable = segment.p_flags & PF_W,
		};
	}
	if (elf->segment_count)
		return 0;
malformed:
	return error_set(err, "MissingSymbols",
			 "the program headers of %s are malformed; is the file damaged or packed?", path);
}

int elf_file_open(int fd, const char *path, struct elf *out, struct error *err)
{
	Elf64_Ehdr header;
	struct stat file;
	void *bytes;

	*out = (struct elf){0};
	if (fstat(fd, &file))
		return error_set(err, "NotPostmaster", "cannot examine %s: %s", path, strerror(errno));
	if (!S_ISREG(file.st_mode) || file.st_size <= 0 || (uint64_t)file.st_size > MAX_FILE_SIZE)
		return error_set(err, "NotPostmaster",
				 "%s is not an executable file of a size that PostgreSQL has (%lld bytes)", path,
				 (long long)file.st_size);
	/* shared: in a private mapping the kernel would put the breakpoints of probes that others have attached */
	bytes = mmap(NULL, file.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return error_set(err, "MissingSymbols", "cannot read %s: %s", path, strerror(errno));
	out->bytes = bytes;
	out->size = file.st_size;
	if (read_identity(out, path, &header, err) || read_segments(out, path, &header, err)) {
		elf_file_close(out);
		return -1;
	}
	return 0;
}

void elf_file_close(struct elf *elf)
{
	if (elf->bytes)
		munmap((void *)elf->bytes, elf->size);
	elf->bytes = NULL;
	elf->size = 0;
}

const uint8_t *elf_at(const struct elf *elf, uint64_t vaddr, size_t *available)
{
	for (unsigned int i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segments[i];

		if (vaddr < segment->vaddr || vaddr - segment->vaddr >= segment->file_size)
			continue;
		*available = segment->file_size - (vaddr - segment->vaddr);
		return elf->bytes + segment->offset + (vaddr - segment->vaddr);
	}
	*available = 0;
	return NULL;
}

/* A section of symbols with the strings that it refers to. */
struct symbol_table {
	uint64_t offset, count;
	uint64_t strings, strings_size;
};

static bool find_table(const struct elf *elf, uint32_t type, struct symbol_table *out)
{
	Elf64_Shdr section, strings;
	Elf64_Ehdr header;

	if (!read_at(elf, 0, &header, sizeof(header)) || header.e_shentsize != sizeof(section) ||
	    header.e_shnum > MAX_SECTIONS || header.e_shoff > elf->size)
		return false;
	for (unsigned int i = 0; i < header.e_shnum; i++) {
		if (!read_at(elf, header.e_shoff + i * sizeof(section), &section, sizeof(section)))
			return false;
		if (section.sh_type != type)
			continue;
		if (section.sh_entsize != sizeof(Elf64_Sym) || section.sh_link >= header.e_shnum ||
		    !inside(elf, section.sh_offset, section.sh_size) ||
		    !read_at(elf, header.e_shoff + section.sh_link * sizeof(strings), &strings, sizeof(strings)) ||
		    strings.sh_type != SHT_STRTAB || !inside(elf, strings.sh_offset, strings.sh_size))
			return false;
		*out = (struct symbol_table){
			.offset = section.sh_offset,
			.count = section.sh_size / sizeof(Elf64_Sym),
			.strings = strings.sh_offset,
			.strings_size = strings.sh_size,
		};
		return true;
	}
	return false;
}

static enum elf_symbol_kind kind_of(const Elf64_Sym *entry)
{
	if (entry->st_shndx == SHN_UNDEF || entry->st_shndx >= SHN_LORESERVE || !entry->st_value)
		return ELF_ABSENT;
	switch (ELF64_ST_TYPE(entry->st_info)) {
	case STT_FUNC:
		return ELF_FUNCTION;
	case STT_OBJECT:
		return ELF_OBJECT;
	default:
		return ELF_ABSENT;
	}
}

static bool is_named(const struct elf *elf, const struct symbol_table *table, uint32_t at, const char *name)
{
	size_t length = strlen(name) + 1;

	return at < table->strings_size && length <= table->strings_size - at &&
	       memcmp(elf->bytes + table->strings + at, name, length) == 0;
}

static void find_in_table(const struct elf *elf, uint32_t type, enum elf_symbol_table which, struct elf_symbol *symbols,
			  unsigned int count)
{
	struct symbol_table table;
	size_t available;
	Elf64_Sym entry;

	if (!find_table(elf, type, &table))
		return;
	for (uint64_t i = 0; i < table.count; i++) {
		enum elf_symbol_kind kind;

		read_at(elf, table.offset + i * sizeof(entry), &entry, sizeof(entry));
		kind = kind_of(&entry);
		for (unsigned int j = 0; kind != ELF_ABSENT && j < count; j++) {
			struct elf_symbol *symbol = &symbols[j];
			const uint8_t *bytes;

			if (symbol->kind != ELF_ABSENT || !is_named(elf, &table, entry.st_name, symbol->name))
				continue;
			symbol->kind = kind;
			symbol->table = which;
			symbol->vaddr = entry.st_value;
			symbol->size = entry.st_size;
			bytes = elf_at(elf, entry.st_value, &available);
			symbol->file_offset = bytes ? (uint64_t)(bytes - elf->bytes) : 0;
		}
	}
}

int elf_find_symbols(const struct elf *elf, struct elf_symbol *symbols, unsigned int count)
{
	int found = 0;

	for (unsigned int i = 0; i < count; i++)
		symbols[i] = (struct elf_symbol){.name = symbols[i].name};
	find_in_table(elf, SHT_DYNSYM, ELF_DYNSYM, symbols, count);
	find_in_table(elf, SHT_SYMTAB, ELF_SYMTAB, symbols, count);
	for (unsigned int i = 0; i < count; i++)
		found += symbols[i].kind != ELF_ABSENT;
	return found;
}
