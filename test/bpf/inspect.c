// SPDX-License-Identifier: Apache-2.0
/*
 * `inspect PID` prints as one line of JSON what server.h finds out about a server, and each
 * backend's fields as its layout has them. The integration tests compare them with what the server
 * says of itself.
 */
#include "../../bpf/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../bpf/process.h"

#define MAX_BACKENDS 256

static void print_text(const char *key, const char *text)
{
	printf("\"%s\":\"", key);
	for (; *text; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			printf("\\u%04x", *text);
		else
			putchar(*text);
	printf("\",");
}

static void print_text_at(int pid, const char *key, uint64_t pointer)
{
	uint64_t address;
	char text[1024];

	if (process_read_memory(pid, pointer, &address, sizeof(address)) &&
	    process_read_text(pid, address, text, sizeof(text)) >= 0)
		print_text(key, text);
}

static void print_int32(int pid, const char *key, uint64_t address)
{
	int32_t value;

	if (process_read_memory(pid, address, &value, sizeof(value)))
		printf("\"%s\":%" PRId32 ",", key, value);
}

/* Decimal text: JSON's numbers are too short for these. */
static void print_int64(int pid, const char *key, uint64_t address)
{
	int64_t value;

	if (process_read_memory(pid, address, &value, sizeof(value)))
		printf("\"%s\":\"%" PRId64 "\",", key, value);
}

static void print_entry(const struct server *server, int pid)
{
	const struct backend_entry_layout *layout = &server->layout.backend_entry;
	uint64_t entry;

	if (!process_read_memory(pid, server->variables[VARIABLE_BACKEND_ENTRY].address, &entry, sizeof(entry)) ||
	    !entry)
		return;
	print_int32(pid, "procpid", entry + layout->procpid);
	print_int32(pid, "type", entry + layout->backend_type);
	print_int32(pid, "state", entry + layout->state);
	print_int32(pid, "databaseOid", entry + layout->database_oid);
	print_int32(pid, "userOid", entry + layout->user_oid);
	print_int64(pid, "transactionStart", entry + layout->xact_start);
	print_int64(pid, "activityStart", entry + layout->activity_start);
	print_int64(pid, "stateStart", entry + layout->state_start);
	print_text_at(pid, "application", entry + layout->application);
	print_text_at(pid, "activity", entry + layout->activity);
	if (layout->query_id != LAYOUT_NONE)
		print_int64(pid, "queryId", entry + layout->query_id);
}

static void print_port(const struct server *server, int pid)
{
	const struct port_layout *layout = &server->layout.port;
	uint64_t port;

	if (!process_read_memory(pid, server->variables[VARIABLE_PORT].address, &port, sizeof(port)) || !port)
		return;
	print_text_at(pid, "portDatabase", port + layout->database_name);
	print_text_at(pid, "portUser", port + layout->user_name);
	print_text_at(pid, "portApplication", port + layout->application);
}

static void print_backend(const struct server *server, int pid)
{
	struct error err = {0};

	printf("{\"pid\":%d,", pid);
	print_entry(server, pid);
	print_port(server, pid);
	printf("\"verdict\":%d,", server_check_backend(server, pid, &err));
	print_text("message", err.message);
	printf("\"end\":true}");
}

static void print_server(const struct server *server)
{
	int pids[MAX_BACKENDS], count = server_backends(server->pid, pids, MAX_BACKENDS);
	const struct server_layout *layout = &server->layout;
	struct error err = {0};

	print_text("version", server->version);
	print_text("executable", server->executable);
	printf("\"major\":%d,\"namespacePid\":%d,\"verified\":%s,\"deleted\":%s,\"errorStack\":%s,", server->major,
	       server->namespace_pid, layout->verified ? "true" : "false",
	       server->executable_deleted ? "true" : "false", server->has_error_stack ? "true" : "false");
	printf("\"types\":{\"client\":%d,\"walSender\":%d,\"autovacuumLauncher\":%d,"
	       "\"backgroundWorker\":%d},",
	       layout->types.client, layout->types.wal_sender, layout->types.autovacuum_launcher,
	       layout->types.background_worker);
	printf("\"states\":{\"idle\":%d,\"running\":%d,\"idleInTransaction\":%d,\"idleInAborted\":%"
	       "d},",
	       layout->states.idle, layout->states.running, layout->states.idle_in_transaction,
	       layout->states.idle_in_aborted);
	for (unsigned int i = 0; i < FUNCTION_COUNT; i++)
		if (server->functions[i].present)
			print_text(server->functions[i].name, server->functions[i].instruction.mnemonic);
	printf("\"missing\":[");
	for (unsigned int i = 0; i < server->missing_count; i++)
		printf("%s\"%s\"", i ? "," : "", server->missing[i]);
	printf("],\"checked\":%d,\"backends\":[",
	       server_check_backends(server, pids, count < MAX_BACKENDS ? count : MAX_BACKENDS, &err));
	for (int i = 0; i < count && i < MAX_BACKENDS; i++) {
		printf("%s", i ? "," : "");
		print_backend(server, pids[i]);
	}
	printf("]");
}

int main(int argc, char **argv)
{
	struct server server;
	struct error err;

	if (argc != 2)
		return 2;
	printf("{");
	if (server_inspect(atoi(argv[1]), &server, &err)) {
		print_text("message", err.message);
		printf("\"reason\":\"%s\"", err.reason);
	} else {
		print_server(&server);
		server_close(&server);
	}
	printf("}\n");
	return 0;
}
