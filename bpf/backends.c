// SPDX-License-Identifier: Apache-2.0
/* The children of a postmaster: who they are, and whether their memory looks as the version's
 * layout says. */
#include "server.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "process.h"

#define NAME_BYTES	64 /* NAMEDATALEN */
#define ENTRY_MAX	512
#define TRIES		3
#define PAUSE_NS	20000000L
#define UNKNOWN_TYPES	16 /* that many more backend types may a newer version have */
#define EPOCH_2000	946684800LL
#define US_PER_SECOND	1000000LL
#define SECONDS_PER_DAY 86400LL

int server_backends(int pid, int *pids, int max)
{
	DIR *directory = opendir("/proc");
	struct process process;
	struct dirent *entry;
	int count = 0;

	if (!directory)
		return 0;
	/* /proc/PID/task/PID/children would be shorter, but may skip one when another ends while it
	 * is read. */
	while ((entry = readdir(directory))) {
		int child = atoi(entry->d_name);

		if (child <= 0 || !process_read(child, &process) || process.parent != pid)
			continue;
		if (count < max)
			pids[count] = child;
		count++;
	}
	closedir(directory);
	return count;
}

int server_children(int pid, int *pids, int max)
{
	char path[64], *line = NULL;
	size_t size = 0;
	int count = 0;
	FILE *children;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	children = fopen(path, "re");
	if (!children)
		return server_backends(pid, pids, max); /* a kernel without this file, or no such process */
	while (getdelim(&line, &size, ' ', children) > 0) {
		if (count < max)
			pids[count] = atoi(line);
		count++;
	}
	free(line);
	fclose(children);
	return count;
}

int server_backend_count(int pid)
{
	return server_children(pid, NULL, 0);
}

struct backend {
	const struct server *server;
	struct process process;
	int type; /* MyBackendType */
	uint8_t entry[ENTRY_MAX];
};

static int implausible(const struct backend *backend, struct error *err, const char *what, int64_t value)
{
	return error_set(err, "ImplausibleLayout",
			 "process %d of the PostgreSQL %s server with PID %d does not look as this "
			 "version should: "
			 "%s is %" PRId64 "; the server may be a modified build, so pgscope does "
			 "not trust what it would read",
			 backend->process.pid, backend->server->version, backend->server->pid, what, value);
}

static int32_t int32_of(const struct backend *backend, uint16_t offset)
{
	int32_t value;

	memcpy(&value, backend->entry + offset, sizeof(value));
	return value;
}

static int64_t int64_of(const struct backend *backend, uint16_t offset)
{
	int64_t value;

	memcpy(&value, backend->entry + offset, sizeof(value));
	return value;
}

/* Names may hold any character of the server's encoding, even a line's end; binary numbers look
 * different. */
static bool is_name(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text) && !isspace((unsigned char)*text))
			return false;
	return true;
}

static bool is_time(int64_t microseconds)
{
	int64_t now = ((int64_t)time(NULL) - EPOCH_2000) * US_PER_SECOND;

	return microseconds >= 0 && microseconds <= now + SECONDS_PER_DAY * US_PER_SECOND;
}

static bool is_family(int family)
{
	return family == AF_UNSPEC || family == AF_UNIX || family == AF_INET || family == AF_INET6;
}

static int check_text(const struct backend *backend, uint16_t offset, const char *what, struct error *err)
{
	uint64_t address = int64_of(backend, offset);
	char text[NAME_BYTES];

	if (process_read_text(backend->process.pid, address, text, sizeof(text)) < 0 || !is_name(text))
		return implausible(backend, err, what, (int64_t)address);
	return 1;
}

/* PgBackendStatus of a process that has filled it. */
static int check_entry(struct backend *backend, struct error *err)
{
	const struct backend_entry_layout *layout = &backend->server->layout.backend_entry;
	sa_family_t family;

	if (int32_of(backend, layout->procpid) != backend->process.namespace_pid)
		return implausible(backend, err, "the process number in its own status entry",
				   int32_of(backend, layout->procpid));
	if (int32_of(backend, layout->backend_type) != backend->type)
		return implausible(backend, err, "the backend type in its status entry",
				   int32_of(backend, layout->backend_type));
	if (int32_of(backend, layout->state) < 0 ||
	    int32_of(backend, layout->state) > backend->server->layout.states.disabled)
		return implausible(backend, err, "the state in its status entry", int32_of(backend, layout->state));
	memcpy(&family, backend->entry + layout->client_address, sizeof(family));
	if (!is_family(family))
		return implausible(backend, err, "the address family of its client", family);
	if (!is_time(int64_of(backend, layout->activity_start)))
		return implausible(backend, err, "the start of its activity (µs since 2000)",
				   int64_of(backend, layout->activity_start));
	if (!is_time(int64_of(backend, layout->state_start)))
		return implausible(backend, err, "the start of its state (µs since 2000)",
				   int64_of(backend, layout->state_start));
	return check_text(backend, layout->application, "the address of its application name", err);
}

/* Port of a client's backend. 0 while the client has not said yet who it is. */
static int check_port(const struct backend *backend, struct error *err)
{
	const struct port_layout *layout = &backend->server->layout.port;
	const uint16_t names[] = {layout->database_name, layout->user_name};
	uint64_t port, address;
	int pid = backend->process.pid;
	int32_t socket;

	if (!process_read_memory(pid, backend->server->variables[VARIABLE_PORT].address, &port, sizeof(port)) ||
	    !port || !process_read_memory(pid, port + layout->socket, &socket, sizeof(socket)))
		return 0;
	if (!process_descriptor_is_socket(pid, socket))
		return implausible(backend, err, "the descriptor of its client's socket", socket);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char text[NAME_BYTES];

		if (!process_read_memory(pid, port + names[i], &address, sizeof(address)) || !address)
			return 0;
		if (process_read_text(pid, address, text, sizeof(text)) <= 0 || !is_name(text))
			return implausible(backend, err,
					   i ? "the address of its user's name" : "the address of its database's name",
					   (int64_t)address);
	}
	return 1;
}

static bool read_variable(const struct backend *backend, enum server_variable variable, void *out, size_t size)
{
	return process_read_memory(backend->process.pid, backend->server->variables[variable].address, out, size);
}

/* A process that has just been forked still shows its parent's values, one that ends none at all.
 */
static int examine(struct backend *backend, struct error *err)
{
	const struct server_layout *layout = &backend->server->layout;
	int highest = layout->types.highest + (layout->verified ? 0 : UNKNOWN_TYPES);
	uint64_t entry = 0, port = 0;
	int32_t own_pid;

	if (!read_variable(backend, VARIABLE_PROC_PID, &own_pid, sizeof(own_pid)) ||
	    own_pid != backend->process.namespace_pid ||
	    !read_variable(backend, VARIABLE_BACKEND_TYPE, &backend->type, sizeof(backend->type)))
		return 0;
	if (backend->type < 0 || backend->type > highest)
		return implausible(backend, err, "its backend type", backend->type);
	if (backend->server->variables[VARIABLE_BACKEND_ENTRY].address) {
		if (!read_variable(backend, VARIABLE_BACKEND_ENTRY, &entry, sizeof(entry)) ||
		    !process_read_memory(backend->process.pid, entry, backend->entry, layout->backend_entry.size) ||
		    !int32_of(backend, layout->backend_entry.procpid))
			return 0;
		if (check_entry(backend, err) < 0)
			return -1;
	}
	if (backend->type == layout->types.client)
		return check_port(backend, err);
	if (!entry)
		return 0;
	/* Only processes that serve a client have a Port; a type that has one by another name shows
	 * shifted numbers. */
	if (backend->type != layout->types.wal_sender && read_variable(backend, VARIABLE_PORT, &port, sizeof(port)) &&
	    port)
		return implausible(backend, err, "the backend type of a process that serves a client", backend->type);
	return 1;
}

int server_check_backend(const struct server *server, int pid, struct error *err)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int verdict = 0;

	/* The process goes on while it is read: believe in a contradiction only when it stays. */
	for (int i = 0; i < TRIES; i++) {
		struct backend backend = {.server = server};

		if (i)
			nanosleep(&pause, NULL);
		if (!process_read(pid, &backend.process))
			return 0;
		verdict = examine(&backend, err);
		if (verdict >= 0)
			return verdict;
	}
	return verdict;
}

int server_check_backends(const struct server *server, const int *pids, int count, struct error *err)
{
	int confirmed = 0;

	for (int i = 0; i < count; i++) {
		int verdict = server_check_backend(server, pids[i], err);

		if (verdict < 0)
			return -1;
		confirmed += verdict;
	}
	if (confirmed || server->layout.verified)
		return 0;
	return error_set(err, "ImplausibleLayout",
			 "PostgreSQL %s (PID %d) is newer than the newest known version %d, and "
			 "none of its %d processes "
			 "could confirm that its memory is laid out alike",
			 server->version, server->pid, LAYOUT_NEWEST_MAJOR, count);
}
