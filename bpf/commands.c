// SPDX-License-Identifier: Apache-2.0
#include <jansson.h>
#include <string.h>

#include "commands.h"

static const char *const kinds[] = {"attach", "settings", "detach", "drain"};

#define BAD(...) error_set(err, "BadCommand", __VA_ARGS__)

static int read_name(const json_t *object, const char *key, char *out, size_t size, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) >= size)
		return BAD("`%s` must be a string of 1 to %zu characters", key, size - 1);
	snprintf(out, size, "%s", json_string_value(value));
	return 0;
}

static int read_bool(const json_t *object, const char *key, bool *out, struct error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	if (!json_is_boolean(value))
		return BAD("settings.%s must be true or false", key);
	*out = json_is_true(value);
	return 0;
}

static int read_min_duration(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *value = json_object_get(object, "minDurationNs");

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return BAD("settings.minDurationNs must be a whole number of nanoseconds, or null");
	out->slow = true;
	out->min_duration_ns = json_integer_value(value);
	return 0;
}

static int read_rates(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *ratio = json_object_get(object, "sampleRatio");
	const json_t *rate = json_object_get(object, "maxPerSecond");

	if (ratio) {
		if (!json_is_number(ratio) || json_number_value(ratio) < 0 || json_number_value(ratio) > 1)
			return BAD("settings.sampleRatio must be a number from 0 to 1");
		out->sample_ratio = json_number_value(ratio);
	}
	if (rate) {
		if (!json_is_integer(rate) || json_integer_value(rate) < 0 || json_integer_value(rate) > 1000000)
			return BAD("settings.maxPerSecond must be a whole number from 0 to 1000000");
		out->max_per_second = json_integer_value(rate);
	}
	return 0;
}

static int read_trace_context(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *list = json_object_get(object, "traceContext");

	if (!list)
		return 0;
	if (!json_is_array(list))
		return BAD("settings.traceContext must be a list of \"sqlcomment\" and "
			   "\"application_name\"");
	out->sqlcomment = false;
	out->application_name = false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *source = json_string_value(json_array_get(list, i));

		if (source && strcmp(source, "sqlcomment") == 0)
			out->sqlcomment = true;
		else if (source && strcmp(source, "application_name") == 0)
			out->application_name = true;
		else
			return BAD("settings.traceContext knows \"sqlcomment\" and "
				   "\"application_name\" only");
	}
	return 0;
}

static int read_level(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *value = json_object_get(object, "level");
	const char *level = json_string_value(value);

	if (!value)
		return 0;
	if (level && strcmp(level, "waits") == 0)
		out->level = LEVEL_WAITS;
	else if (level && strcmp(level, "phases") == 0)
		out->level = LEVEL_PHASES;
	else if (!level || strcmp(level, "statements") != 0)
		return BAD("settings.level must be \"waits\", \"statements\" or \"phases\"");
	return 0;
}

static int read_nested_depth(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *value = json_object_get(object, "nestedDepth");

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > NESTED_OPEN)
		return BAD("settings.nestedDepth must be a whole number from 0 to %d", NESTED_OPEN);
	out->nested_depth = json_integer_value(value);
	return 0;
}

static int read_min_wait(const json_t *object, struct settings *out, struct error *err)
{
	const json_t *value = json_object_get(object, "minWaitNs");

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return BAD("settings.minWaitNs must be a whole number of nanoseconds");
	out->min_wait_ns = json_integer_value(value);
	return 0;
}

static int read_settings(const json_t *command, struct settings *out, struct error *err)
{
	const json_t *object = json_object_get(command, "settings");
	static const char *const known[] = {"level",	    "minDurationNs", "errors",	  "sampleRatio", "traceContext",
					    "maxPerSecond", "rawText",	     "minWaitNs", "nestedDepth", NULL};
	const char *key;
	json_t *value;

	*out = (struct settings){
		.level = LEVEL_STATEMENTS,
		.min_wait_ns = 1000000,
		.nested_depth = 1,
		.errors = true,
		.sqlcomment = true,
		.application_name = true,
		.max_per_second = 100,
	};
	if (!object)
		return 0;
	if (!json_is_object(object))
		return BAD("`settings` must be an object");
	json_object_foreach((json_t *)object, key, value)
	{
		int i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return BAD("settings.%s is not known; see docs/tracer-protocol.md", key);
	}
	if (read_level(object, out, err) || read_min_duration(object, out, err) || read_min_wait(object, out, err) ||
	    read_nested_depth(object, out, err) || read_rates(object, out, err) ||
	    read_trace_context(object, out, err) || read_bool(object, "errors", &out->errors, err) ||
	    read_bool(object, "rawText", &out->raw_text, err))
		return -1;
	return 0;
}

static int read_kind(const json_t *object, struct command *command, struct error *err)
{
	const char *name = json_string_value(json_object_get(object, "command"));

	for (int i = 0; name && i < 4; i++) {
		if (strcmp(kinds[i], name) != 0)
			continue;
		command->kind = i;
		return 0;
	}
	return BAD("`command` must be attach, settings, detach or drain");
}

static int read_drain(const json_t *object, struct command *command, struct error *err)
{
	const json_t *locks = json_object_get(object, "locks");

	if (locks && !json_is_boolean(locks))
		return BAD("`locks` must be true or false");
	command->locks = json_is_true(locks);
	return json_object_get(object, "token")
		       ? read_name(object, "token", command->token, sizeof(command->token), err)
		       : 0;
}

static int read_command(const json_t *object, struct command *command, struct error *err)
{
	const json_t *pid = json_object_get(object, "pid");

	if (read_kind(object, command, err))
		return -1;
	if (command->kind == COMMAND_DRAIN)
		return read_drain(object, command, err);
	if (read_name(object, "target", command->target, sizeof(command->target), err))
		return -1;
	if (command->kind == COMMAND_DETACH)
		return 0;
	if (command->kind == COMMAND_ATTACH) {
		if (!json_is_integer(pid) || json_integer_value(pid) < 1 || json_integer_value(pid) > 1 << 22)
			return BAD("`pid` must be the postmaster's PID, a number from 1 to 4194304");
		command->pid = json_integer_value(pid);
	}
	return read_settings(object, &command->settings, err);
}

int command_parse(const char *line, size_t length, struct command *command, struct error *err)
{
	json_error_t problem;
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
	int code;

	memset(command, 0, sizeof(*command));
	if (!json_is_object(object)) {
		json_decref(object);
		return BAD("a command must be one JSON object on one line: %s", object ? "this is none" : problem.text);
	}
	code = read_command(object, command, err);
	json_decref(object);
	return code;
}
