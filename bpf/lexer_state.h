/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the lexer knows between two bytes, and the classes of bytes. */
#ifndef PGSCOPE_LEXER_STATE_H
#define PGSCOPE_LEXER_STATE_H

enum lexer_state {
	LEX_DEFAULT,
	LEX_WORD,
	LEX_WORD_U_AMP, /* U& seen: a string, a name, or u & something */
	LEX_NUMBER,
	LEX_PARAMETER,
	LEX_DOLLAR,	/* $ seen */
	LEX_DOLLAR_TAG, /* $ta */
	LEX_DOLLAR_BODY,
	LEX_DOLLAR_END, /* $ta inside the body */
	LEX_STRING,
	LEX_STRING_ESCAPE,
	LEX_STRING_QUOTE, /* a quote that ends the string unless another one follows */
	LEX_NAME,	  /* "Name */
	LEX_NAME_QUOTE,
	LEX_DOT,
	LEX_MINUS,
	LEX_SLASH,
	LEX_LINE_COMMENT,
	LEX_BLOCK_COMMENT,
	LEX_BLOCK_STAR,
	LEX_BLOCK_SLASH,
};

enum lexer_list { LIST_NONE, LIST_OPEN, LIST_FIRST_DONE };

/* How far the part has come on CREATE [OR REPLACE] FUNCTION | PROCEDURE: only such a one has a body with semicolons. */
enum lexer_routine { ROUTINE_NO, ROUTINE_CREATE, ROUTINE_OR, ROUTINE_REPLACE, ROUTINE_YES };

/* Kinds of the last token, for what depends on it. */
enum lexer_token { TOKEN_NONE, TOKEN_OPERATOR, TOKEN_OPERAND, TOKEN_WORD, TOKEN_IN, TOKEN_ARRAY };

struct lexer {
	u64 hash;      /* of the current part's tokens */
	u64 word;      /* of the current word, parameter or dollar tag */
	u64 last_word; /* the last token: a word's hash, or an operator's character */
	u64 dollar_tag;
	u64 list_start; /* hash before the list's elements */
	u64 list_first; /* hash of the first element on top of list_start */
	u64 list_element;
	u64 content;	 /* of the current literal, where it is a program: DO */
	u64 fingerprint; /* of the wanted part, when done */
	u32 state;
	u32 previous; /* enum lexer_token */
	u32 word_length;
	u32 number_previous; /* last character of a number */
	u32 escapes;	     /* the string has backslash escapes */
	u32 string_before;   /* the previous token is a string literal: 'a' newline 'b' is one */
	u32 minus;	     /* a minus waits for the token behind it; 2: it may be a sign */
	u32 comment_depth;
	u32 parentheses;
	u32 program; /* the statement is DO: its literal is hashed */
	u32 routine; /* enum lexer_routine */
	u32 atomic;  /* depth inside BEGIN ATOMIC … END */
	u32 list;    /* enum lexer_list */
	u32 list_tokens;
	u32 part;	 /* number of the current part in a string of several statements */
	u32 part_tokens; /* tokens of the current part */
	u32 wanted;
	u32 done;
	u32 begin, end; /* of the current or, when done, the wanted part */
	u32 last_context;
	u32 context;	  /* behind `traceparent` in a comment; 0: none */
	u32 matched;	  /* letters of `traceparent` */
	u32 after_tokens; /* tokens behind the wanted part */
};

#define HASH_MULTIPLIER 0x9E3779B97F4A7C15ULL
#define HASH_SEED	0x2545F4914F6CDD1DULL

static __always_inline u64 hash_mix(u64 hash, u64 value)
{
	hash = (hash ^ value) * HASH_MULTIPLIER;
	return hash ^ (hash >> 29);
}

/* Words after which a minus is a sign, and words that the lexer itself must know; hashes, filled by
 * lexer_words(). */
#define LEXER_SIGN_WORDS 32
struct lexer_words {
	u64 sign[LEXER_SIGN_WORDS];
	u64 word_true, word_false, word_null, is, not, word_do, in, array;
	u64 create, or, replace, function, procedure, begin, atomic, word_case, word_end, as;
};

#define TOKEN_LITERAL_HASH   0x1001ULL
#define TOKEN_PARAMETER_HASH 0x1002ULL
#define TOKEN_OPERATOR_HASH  0x1003ULL
#define TOKEN_WORD_HASH	     0x1004ULL
#define TOKEN_LIST_HASH	     0x1005ULL

static __always_inline bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static __always_inline u8 fold(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static __always_inline bool is_word_start(u8 c)
{
	u8 l = fold(c);

	return (l >= 'a' && l <= 'z') || c == '_' || c >= 0x80;
}

static __always_inline bool is_word_part(u8 c)
{
	return is_word_start(c) || is_digit(c) || c == '$';
}

static __always_inline bool is_space(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
