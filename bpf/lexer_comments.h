/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Comments, and where the key of a trace context stands in them. */
#ifndef PGSCOPE_LEXER_COMMENTS_H
#define PGSCOPE_LEXER_COMMENTS_H

#include "lexer_state.h"

static __always_inline void lexer_comment_byte(struct lexer *l, u8 c, u32 position)
{
	/* "traceparent" has no prefix that is also its suffix but "t" */
	const char key[] = "traceparent";
	u8 folded = fold(c);
	u8 expected = 0;

	for (u32 i = 0; i < 11; i++)
		if (l->matched == i)
			expected = key[i];
	if (folded == expected)
		l->matched++;
	else
		l->matched = folded == 't' ? 1 : 0;
	if (l->matched < 11)
		return;
	l->matched = 0;
	if (!l->done)
		l->context = position + 1;
	else if (!l->after_tokens)
		l->last_context = position + 1; /* behind the wanted part, or in front of the next one */
}

/* Bytes of comments. True: the byte was taken. */
static __always_inline bool lexer_in_comment(struct lexer *l, u8 c, u32 position)
{
	if (l->state < LEX_LINE_COMMENT)
		return false;
	lexer_comment_byte(l, c, position);
	if (l->state == LEX_LINE_COMMENT) {
		if (c == '\n' || c == '\r')
			l->state = LEX_DEFAULT;
		return true;
	}
	if (l->state == LEX_BLOCK_STAR && c == '/') {
		l->comment_depth--;
		l->state = l->comment_depth ? LEX_BLOCK_COMMENT : LEX_DEFAULT;
	} else if (l->state == LEX_BLOCK_SLASH && c == '*') {
		l->comment_depth++;
		l->state = LEX_BLOCK_COMMENT;
	} else if (c == '*') {
		l->state = LEX_BLOCK_STAR;
	} else if (c == '/') {
		l->state = LEX_BLOCK_SLASH;
	} else {
		l->state = LEX_BLOCK_COMMENT;
	}
	return true;
}

/*
 * The end of a text of which the middle was not read: a trace context in the block comment that ends it. Where such an
 * end begins is not known, a comment is assumed; with nothing but space and semicolons behind the last one, it is one.
 */
static __always_inline void lexer_tail_start(struct lexer *l)
{
	__builtin_memset(l, 0, sizeof(*l));
	l->state = LEX_BLOCK_COMMENT;
	l->comment_depth = 1;
}

/* One byte of the end; then lexer_tail_context() tells. */
static __always_inline void lexer_tail_byte(struct lexer *l, u8 c, u32 position)
{
	if (lexer_in_comment(l, c, position)) {
		if (l->comment_depth < 2)
			return;
		l->comment_depth = 1; /* a comment begins here: what was assumed was none, or does not matter */
		l->context = 0;
	} else if (l->state == LEX_SLASH && c == '*') {
		l->state = LEX_BLOCK_COMMENT;
		l->comment_depth = 1;
		l->matched = 0;
		l->context = 0;
	} else {
		l->state = c == '/' ? LEX_SLASH : LEX_DEFAULT;
		if (!is_space(c) && c != ';')
			l->context = 0;
	}
}

/* Behind the key `traceparent` in the comment that ends the text; 0: there is none. */
static __always_inline u32 lexer_tail_context(const struct lexer *l)
{
	return l->state == LEX_DEFAULT ? l->context : 0;
}

#endif
