// SPDX-License-Identifier: Apache-2.0
/*
 * The tracer's input: lines out of pieces of any size, and commands out of lines. By example, and with random bytes:
 * what is refused has a reason and a sentence, what is accepted is within its limits.
 */
#include <stdlib.h>

#include "../../bpf/commands.h"
#include "../../bpf/lines.h"
#include "check.h"

#define STREAM_BYTES (4 * LINE_MAX_BYTES)

static struct error err;

static int parse(const char *line, struct command *command)
{
	err = (struct error){};
	check_case = line;
	return command_parse(line, strlen(line), command, &err);
}

static void test_accepted(void)
{
	struct command command;

	CHECK_EQUAL(parse("{\"command\":\"attach\",\"target\":\"t\",\"pid\":7}", &command), 0);
	CHECK_EQUAL(command.kind, COMMAND_ATTACH);
	CHECK_EQUAL(command.pid, 7);
	CHECK_TEXT(command.target, "t");
	CHECK(command.settings.errors && command.settings.sqlcomment && command.settings.application_name);
	CHECK(!command.settings.slow && !command.settings.raw_text);
	CHECK_EQUAL(command.settings.max_per_second, 100);

	CHECK_EQUAL(parse(" { \"command\" : \"settings\", \"target\":\"t\", "
			  "\"settings\":{\"level\":\"statements\",\"errors\":false,"
			  "\"minDurationNs\":0,\"sampleRatio\":1,\"traceContext\":[],\"maxPerSecond\":0,\"rawText\":"
			  "true}}\r",
			  &command),
		    0);
	CHECK_EQUAL(command.kind, COMMAND_SETTINGS);
	CHECK(command.settings.slow && command.settings.raw_text && command.settings.sample_ratio == 1);
	CHECK(!command.settings.errors && !command.settings.sqlcomment && !command.settings.application_name);

	CHECK_EQUAL(parse("{\"command\":\"detach\",\"target\":\"t\"}", &command), 0);
	CHECK_EQUAL(command.kind, COMMAND_DETACH);
	CHECK_EQUAL(parse("{\"command\":\"drain\",\"token\":\"7\"}", &command), 0);
	CHECK_EQUAL(command.kind, COMMAND_DRAIN);
	CHECK_TEXT(command.token, "7");
	CHECK(!command.locks);
	CHECK_EQUAL(parse("{\"command\":\"drain\",\"locks\":true}", &command), 0);
	CHECK(command.locks && !command.token[0]);
}

#define ATTACH(settings) "{\"command\":\"attach\",\"target\":\"t\",\"pid\":1,\"settings\":" settings "}"

static void test_refused(void)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{"nonsense", "one JSON object"},
		{"[]", "one JSON object"},
		{"7", "one JSON object"},
		{"\"a\"", "one JSON object"},
		{"{} {}", "one JSON object"},
		{"{\"command\":\"drain\"", "one JSON object"},
		{"{\"command\":\"drain\",\"command\":\"drain\"}", "one JSON object"},
		{"{\"command\":\"drain\",\"token\":\"\\u0000\"}", "one JSON object"},
		{"{\"command\":\"drain\",\"token\":\"\xff\"}", "one JSON object"},
		{"{}", "`command`"},
		{"{\"command\":null}", "`command`"},
		{"{\"command\":\"Attach\"}", "`command`"},
		{"{\"command\":\"drain\",\"token\":\"\"}", "`token`"},
		{"{\"command\":\"drain\",\"token\":7}", "`token`"},
		{"{\"command\":\"drain\",\"locks\":1}", "`locks`"},
		{"{\"command\":\"detach\"}", "`target`"},
		{"{\"command\":\"detach\",\"target\":\"\"}", "`target`"},
		{"{\"command\":\"detach\",\"target\":"
		 "\"0123456789012345678901234567890123456789012345678901234567890123\"}",
		 "`target`"},
		{"{\"command\":\"attach\",\"target\":\"t\"}", "`pid`"},
		{"{\"command\":\"attach\",\"target\":\"t\",\"pid\":0}", "`pid`"},
		{"{\"command\":\"attach\",\"target\":\"t\",\"pid\":-1}", "`pid`"},
		{"{\"command\":\"attach\",\"target\":\"t\",\"pid\":4194305}", "`pid`"},
		{"{\"command\":\"attach\",\"target\":\"t\",\"pid\":1.5}", "`pid`"},
		{"{\"command\":\"attach\",\"target\":\"t\",\"pid\":\"1\"}", "`pid`"},
		{ATTACH("[]"), "`settings`"},
		{ATTACH("null"), "`settings`"},
		{ATTACH("{\"other\":1}"), "settings.other"},
		{ATTACH("{\"level\":\"all\"}"), "settings.level"},
		{ATTACH("{\"errors\":1}"), "settings.errors"},
		{ATTACH("{\"rawText\":\"no\"}"), "settings.rawText"},
		{ATTACH("{\"minDurationNs\":-1}"), "settings.minDurationNs"},
		{ATTACH("{\"minDurationNs\":1.5}"), "settings.minDurationNs"},
		{ATTACH("{\"sampleRatio\":1.01}"), "settings.sampleRatio"},
		{ATTACH("{\"sampleRatio\":-0.1}"), "settings.sampleRatio"},
		{ATTACH("{\"maxPerSecond\":1000001}"), "settings.maxPerSecond"},
		{ATTACH("{\"maxPerSecond\":0.5}"), "settings.maxPerSecond"},
		{ATTACH("{\"nestedDepth\":9}"), "settings.nestedDepth"},
		{ATTACH("{\"nestedDepth\":-1}"), "settings.nestedDepth"},
		{ATTACH("{\"level\":\"all\"}"), "settings.level"},
		{ATTACH("{\"traceContext\":\"sqlcomment\"}"), "settings.traceContext"},
		{ATTACH("{\"traceContext\":[\"header\"]}"), "settings.traceContext"},
		{ATTACH("{\"traceContext\":[7]}"), "settings.traceContext"},
	};
	struct command command;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQUAL(parse(bad[i].line, &command), -1);
		CHECK_TEXT(err.reason, "BadCommand");
		CHECK(strstr(err.message, bad[i].says));
	}
	CHECK_EQUAL(parse(ATTACH("{\"level\":\"waits\"}"), &command), 0);
	CHECK_EQUAL(command.settings.level, LEVEL_WAITS);
	CHECK_EQUAL(parse(ATTACH("{\"level\":\"phases\"}"), &command), 0);
	CHECK_EQUAL(command.settings.level, LEVEL_PHASES);
	CHECK_EQUAL(command.settings.nested_depth, 1);
	CHECK_EQUAL(parse(ATTACH("{\"nestedDepth\":8}"), &command), 0);
	CHECK_EQUAL(command.settings.nested_depth, 8);
	CHECK_EQUAL(parse(ATTACH("{\"level\":\"all\"}"), &command), -1);
	CHECK_TEXT(command.target, "t"); /* so that the refusal says whose it is */
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static void check_command(const struct command *command, int code)
{
	const struct settings *settings = &command->settings;

	CHECK(is_text(command->target, sizeof(command->target)) && is_text(command->token, sizeof(command->token)));
	if (code) {
		CHECK_EQUAL(code, -1);
		CHECK(err.reason &&
		      (strcmp(err.reason, "BadCommand") == 0 || strcmp(err.reason, "UnsupportedLevel") == 0));
		CHECK(is_text(err.message, sizeof(err.message)) && err.message[0]);
		return;
	}
	CHECK(command->kind <= COMMAND_DRAIN);
	CHECK((command->kind == COMMAND_DRAIN) == !command->target[0]);
	CHECK(command->kind != COMMAND_ATTACH || (command->pid >= 1 && command->pid <= 1 << 22));
	CHECK(settings->sample_ratio >= 0 && settings->sample_ratio <= 1 && settings->max_per_second <= 1000000);
}

/* Commands in which bytes are changed, doubled, left out; and bytes alone. */
static void test_random_commands(void)
{
	static const char *const commands[] = {
		ATTACH("{\"minDurationNs\":1000,\"sampleRatio\":0.5,\"traceContext\":[\"sqlcomment\"]}"),
		"{\"command\":\"settings\",\"target\":\"t\",\"settings\":{\"errors\":true,\"maxPerSecond\":10,"
		"\"level\":\"waits\"}}",
		"{\"command\":\"drain\",\"token\":\"\\ud83d\\ude00\"}",
		"{\"command\":\"detach\",\"target\":\"h\xc3\xa9\"}",
	};
	static const char alphabet[] = "{}[]\",:\\u0019e+-.ntf \xc3\xa9\xff";

	for (int round = 0; round < 60000; round++) {
		char line[512];
		bool random = round % 8 == 0;
		size_t length = random ? check_random() % 80 : strlen(commands[round % 4]);
		struct command command;

		memcpy(line, commands[round % 4], random ? 0 : length);
		for (size_t i = 0; random && i < length; i++)
			line[i] = (char)check_random();
		for (int change = check_random() % 4; change > 0 && length > 0; change--) {
			size_t at = check_random() % length;

			if (check_random() % 3 == 0) {
				memmove(line + at, line + at + 1, length - at - 1);
				length--;
			} else if (check_random() % 2 && length < sizeof(line)) {
				memmove(line + at + 1, line + at, length - at);
				length++;
			} else {
				line[at] = alphabet[check_random() % (sizeof(alphabet) - 1)];
			}
		}
		err = (struct error){};
		/* a copy of this very length, so that a byte beyond it is seen to be read */
		char *copy = malloc(length ? length : 1);

		memcpy(copy, line, length);
		check_command(&command, command_parse(copy, length, &command, &err));
		free(copy);
	}
}

static void test_deep_and_long(void)
{
	static char line[LINE_MAX_BYTES];
	struct command command;

	memset(line, '[', sizeof(line));
	check_command(&command, command_parse(line, sizeof(line), &command, &err));
	memset(line, 'x', sizeof(line));
	memcpy(line, "{\"command\":\"drain\",\"", 20);
	memcpy(line + sizeof(line) - 4, "\":1}", 4);
	CHECK_EQUAL(command_parse(line, sizeof(line), &command, &err), 0); /* fields that nobody asked for */
	memcpy(line, "{\"command\":\"attach\",\"target\":\"t\",\"pid\":1,\"settings\":{\"", 54);
	memcpy(line + sizeof(line) - 5, "\":1}}", 5);
	CHECK_EQUAL(command_parse(line, sizeof(line), &command, &err), -1);
	check_command(&command, -1);
}

/* What lines_take() has told, and what it should have. */
static char stream[STREAM_BYTES];
static size_t expected_at, stream_length;

/* The next line of the stream that is to be told: too long ones are, too. */
static void on_line(void *context, const char *line, size_t length)
{
	const char *begin = stream + expected_at;
	const char *end = memchr(begin, '\n', stream_length - expected_at);
	size_t expected = end ? (size_t)(end - begin) : stream_length - expected_at;

	(void)context;
	if (expected >= LINE_MAX_BYTES) {
		CHECK(!line && length == 0);
	} else {
		CHECK(end && line && length == expected && memcmp(line, begin, length) == 0);
	}
	expected_at += expected + 1;
}

static void make_stream(void)
{
	stream_length = check_random() % STREAM_BYTES;
	for (size_t i = 0; i < stream_length; i++)
		stream[i] = (char)check_random();
	for (size_t i = 0; i < stream_length; i++)
		if (stream[i] == '\n')
			stream[i] = 'x';
	/* lines of any length, some of them about as long as the limit */
	for (size_t at = 0; at < stream_length;) {
		uint32_t kind = check_random() % 4;

		at += kind == 0 ? LINE_MAX_BYTES - 3 + check_random() % 6 : check_random() % (kind == 1 ? 2 : 9000);
		if (at < stream_length)
			stream[at++] = '\n';
	}
}

static void test_pieces(void)
{
	static struct lines lines;

	for (int round = 0; round < 200; round++) {
		size_t left, most = round % 3 ? 1 + check_random() % 70000 : 1 + check_random() % 300;

		make_stream();
		lines = (struct lines){};
		expected_at = 0;
		for (size_t at = 0; at < stream_length;) {
			size_t room, piece = 1 + check_random() % most;
			char *to = lines_room(&lines, &room);

			CHECK(room > 0 && to + room == lines.bytes + sizeof(lines.bytes));
			piece = piece < room ? piece : room;
			piece = piece < stream_length - at ? piece : stream_length - at;
			memcpy(to, stream + at, piece);
			lines_take(&lines, piece, on_line, NULL);
			at += piece;
		}
		/* only a line that has not ended may be left */
		left = expected_at < stream_length ? stream_length - expected_at : 0;
		CHECK(left < LINE_MAX_BYTES && !memchr(stream + stream_length - left, '\n', left));
	}
}

int main(void)
{
	test_accepted();
	test_refused();
	test_random_commands();
	test_deep_and_long();
	test_pieces();
	return CHECK_DONE();
}
