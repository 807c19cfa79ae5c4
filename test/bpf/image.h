// SPDX-License-Identifier: Apache-2.0
/* A tiny executable, complete enough for the ELF reader: two segments, both symbol tables, a
 * version text. */
#ifndef PGSCOPE_IMAGE_H
#define PGSCOPE_IMAGE_H

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IMAGE_STRINGS	"\0EndCommand\0exported\0local\0undefined"
#define IMAGE_EXPORTED	12 /* places of names in IMAGE_STRINGS */
#define IMAGE_LOCAL	21
#define IMAGE_UNDEFINED 27
#define IMAGE_VADDR	0x400000

enum { IMAGE_NULL, IMAGE_DYNSYM, IMAGE_SYMTAB, IMAGE_STRTAB, IMAGE_SECTIONS };

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	Elf64_Shdr sections[IMAGE_SECTIONS];
	Elf64_Sym exported[3], all[4];
	char strings[64];
	char version[512];
	unsigned char code[16];
};

static inline struct image image_make(const char *version)
{
	struct image image = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
			   .e_type = ET_DYN,
			   .e_machine = EM_X86_64,
			   .e_entry = IMAGE_VADDR,
			   .e_phoff = offsetof(struct image, segments),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 2,
			   .e_shoff = offsetof(struct image, sections),
			   .e_shentsize = sizeof(Elf64_Shdr),
			   .e_shnum = IMAGE_SECTIONS},
		.segments = {{.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_X,
			      .p_vaddr = IMAGE_VADDR,
			      .p_filesz = sizeof(struct image),
			      .p_memsz = sizeof(struct image)},
			     {.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_W,
			      .p_vaddr = IMAGE_VADDR + 0x100000,
			      .p_memsz = 0x1000}},
		.sections = {[IMAGE_DYNSYM] = {.sh_type = SHT_DYNSYM,
					       .sh_offset = offsetof(struct image, exported),
					       .sh_size = sizeof(image.exported),
					       .sh_entsize = sizeof(Elf64_Sym),
					       .sh_link = IMAGE_STRTAB},
			     [IMAGE_SYMTAB] = {.sh_type = SHT_SYMTAB,
					       .sh_offset = offsetof(struct image, all),
					       .sh_size = sizeof(image.all),
					       .sh_entsize = sizeof(Elf64_Sym),
					       .sh_link = IMAGE_STRTAB},
			     [IMAGE_STRTAB] = {.sh_type = SHT_STRTAB,
					       .sh_offset = offsetof(struct image, strings),
					       .sh_size = sizeof(IMAGE_STRINGS)}},
		.exported = {{0},
			     {.st_name = 1,
			      .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			      .st_shndx = 1,
			      .st_value = IMAGE_VADDR + offsetof(struct image, code),
			      .st_size = 16},
			     {.st_name = IMAGE_UNDEFINED,
			      .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)}},
		.all = {{0},
			{.st_name = 1,
			 .st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
			 .st_shndx = 1,
			 .st_value = 1},
			{.st_name = IMAGE_LOCAL,
			 .st_info = ELF64_ST_INFO(STB_LOCAL, STT_OBJECT),
			 .st_shndx = 2,
			 .st_value = IMAGE_VADDR + 0x100010,
			 .st_size = 8},
			{.st_name = IMAGE_EXPORTED,
			 .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			 .st_shndx = 1,
			 .st_value = IMAGE_VADDR + offsetof(struct image, code) + 8}},
		.strings = IMAGE_STRINGS,
		.code = {0xf3, 0x0f, 0x1e, 0xfa, 0x55},
	};

	snprintf(image.version, sizeof(image.version), "%s", version);
	return image;
}

/* A file in memory that holds these bytes. */
static inline int image_file(const void *bytes, size_t size)
{
	int fd = memfd_create("executable", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
		perror("memfd_create");
		exit(1);
	}
	return fd;
}

#endif
