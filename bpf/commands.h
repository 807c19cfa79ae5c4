// SPDX-License-Identifier: Apache-2.0
/* Commands, one JSON object a line. */
#ifndef PGSCOPE_COMMANDS_H
#define PGSCOPE_COMMANDS_H

#include "error.h"
#include "target.h"

#define TOKEN_MAX 64

enum command_kind { COMMAND_ATTACH, COMMAND_SETTINGS, COMMAND_DETACH, COMMAND_DRAIN };

struct command {
	enum command_kind kind;
	char target[TARGET_NAME_MAX];
	char token[TOKEN_MAX]; /* empty: none */
	int pid;
	bool locks; /* a drain also tells who waits for a lock */
	struct settings settings;
};

/* -1: err names the field and the remedy; command->target is filled if it could be read. */
int command_parse(const char *line, size_t length, struct command *command, struct error *err);

#endif
