// SPDX-License-Identifier: Apache-2.0
/* What the lexer's tests share: the fingerprint of a text, as the BPF programs make it. */
#ifndef PGSCOPE_LEXER_TEXT_H
#define PGSCOPE_LEXER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#include "../../bpf/lexer.h"

static struct lexer_words words;
static struct lexer lexer;

/* Afterwards `lexer` tells the rest: begin, end, context. */
static u64 fingerprint_of_part(const char *text, size_t length, u32 part)
{
	lexer_start(&lexer, part);
	for (size_t i = 0; i < length; i++)
		lexer_byte(&lexer, &words, (u8)text[i], i);
	lexer_finish(&lexer, &words, length);
	return lexer.fingerprint;
}

static inline u64 fingerprint(const char *text)
{
	return fingerprint_of_part(text, strlen(text), 0);
}

#endif
