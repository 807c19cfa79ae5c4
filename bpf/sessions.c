// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "process.h"
#include "sessions.h"
#include "watch.h"

#define LARGEST	   5 /* that are told one by one */
#define NAME_BYTES 64

struct seen {
	int pid;
	uint64_t private_bytes;
};

/* What has been seen at the drain before, to know how much a process has grown. */
static struct past {
	struct seen *seen; /* by PID */
	unsigned int count;
	uint64_t round_trips, round_trip_us;
} pasts[MAX_TARGETS];

struct session {
	struct seen now;
	uint64_t shared_bytes, grown_bytes;
	int type, state;
	uint64_t application; /* address of its name */
	int namespace_pid;
};

static int by_pid(const void *a, const void *b)
{
	return ((const struct seen *)a)->pid - ((const struct seen *)b)->pid;
}

static int largest_first(const void *a, const void *b)
{
	uint64_t first = ((const struct session *)a)->now.private_bytes;
	uint64_t second = ((const struct session *)b)->now.private_bytes;

	return first < second ? 1 : first > second ? -1 : 0;
}

/* Resident memory: what is shared with others by mapping or by shared memory, and the rest. */
static bool read_memory(struct session *session)
{
	uint64_t resident, shared, page = sysconf(_SC_PAGESIZE);
	char path[64];
	FILE *file;
	int got;

	snprintf(path, sizeof(path), "/proc/%d/statm", session->now.pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fscanf(file, "%*u %" SCNu64 " %" SCNu64, &resident, &shared);
	fclose(file);
	if (got != 2 || !resident)
		return false; /* a process that has ended */
	session->now.private_bytes = (resident > shared ? resident - shared : 0) * page;
	session->shared_bytes = shared * page;
	return true;
}

static void read_state(const struct server *server, struct session *session)
{
	const struct backend_entry_layout *layout = &server->layout.backend_entry;
	int pid = session->now.pid;
	uint64_t entry;
	int32_t own_pid;

	session->type = 0;
	session->state = -1;
	/* the process that had this PID may have ended, and another one may have it now */
	if (!process_read_memory(pid, server->variables[VARIABLE_PROC_PID].address, &own_pid, sizeof(own_pid)) ||
	    !process_read_memory(pid, server->variables[VARIABLE_BACKEND_TYPE].address, &session->type,
				 sizeof(session->type)) ||
	    !process_read_memory(pid, server->variables[VARIABLE_BACKEND_ENTRY].address, &entry, sizeof(entry)) ||
	    !entry)
		return;
	if (!process_read_memory(pid, entry + layout->procpid, &session->namespace_pid,
				 sizeof(session->namespace_pid)) ||
	    session->namespace_pid != own_pid) {
		session->type = 0;
		session->namespace_pid = 0;
		return;
	}
	process_read_memory(pid, entry + layout->state, &session->state, sizeof(session->state));
	process_read_memory(pid, entry + layout->application, &session->application, sizeof(session->application));
}

static unsigned int read_sessions(const struct attached_target *target, struct session *sessions)
{
	const struct past *past = &pasts[target->index];
	static int pids[SERVER_MAX_CHILDREN];
	unsigned int count = 0;
	int children = server_children(target->server.pid, pids, SERVER_MAX_CHILDREN);

	for (int i = 0; i < children && i < SERVER_MAX_CHILDREN; i++) {
		struct session *session = &sessions[count];
		const struct seen *before;

		memset(session, 0, sizeof(*session));
		session->now.pid = pids[i];
		if (!read_memory(session))
			continue;
		read_state(&target->server, session);
		before = past->count ? bsearch(&session->now, past->seen, past->count, sizeof(*past->seen), by_pid)
				     : NULL;
		if (before && session->now.private_bytes > before->private_bytes)
			session->grown_bytes = session->now.private_bytes - before->private_bytes;
		count++;
	}
	return count;
}

static void remember(const struct attached_target *target, const struct session *sessions, unsigned int count)
{
	struct past *past = &pasts[target->index];
	struct seen *seen = realloc(past->seen, (count ? count : 1) * sizeof(*seen));

	if (!seen)
		return;
	for (unsigned int i = 0; i < count; i++)
		seen[i] = sessions[i].now;
	qsort(seen, count, sizeof(*seen), by_pid);
	past->seen = seen;
	past->count = count;
}

static bool is_client(const struct backend_types *types, const struct session *session)
{
	return session->type == types->client || session->type == types->wal_sender;
}

static void output_states(const struct server *server, const struct session *sessions, unsigned int count)
{
	unsigned int counts[BACKEND_STATES] = {0};

	for (unsigned int i = 0; i < count; i++) {
		int index = backend_state_index(&server->layout.states, sessions[i].state);

		if (is_client(&server->layout.types, &sessions[i]) && index >= 0)
			counts[index]++;
	}
	output_object("states");
	for (int i = 0; i < BACKEND_STATES && server->variables[VARIABLE_BACKEND_ENTRY].address; i++)
		output_number(backend_state_names[i], counts[i]);
	output_object_end();
}

static void output_process(const struct server *server, const struct session *session)
{
	const char *type = backend_type_name(server->major, session->type);
	char application[NAME_BYTES];
	ssize_t length;

	output_object(NULL);
	output_number("pid", session->namespace_pid);
	output_string("backendType", type ? type : "other");
	length = process_read_text(session->now.pid, session->application, application, sizeof(application));
	if (is_client(&server->layout.types, session) && length >= 0)
		output_text("application", application, length);
	output_number("privateBytes", session->now.private_bytes);
	output_number("grownBytes", session->grown_bytes);
	output_object_end();
}

static void output_memory(const struct server *server, struct session *sessions, unsigned int count)
{
	uint64_t all = 0, shared = 0;

	for (unsigned int i = 0; i < count; i++) {
		all += sessions[i].now.private_bytes;
		if (sessions[i].shared_bytes > shared)
			shared = sessions[i].shared_bytes;
	}
	output_number("privateBytes", all);
	output_number("sharedBytes", shared);
	qsort(sessions, count, sizeof(*sessions), largest_first);
	output_array("largest");
	for (unsigned int i = 0; i < count && i < LARGEST; i++)
		output_process(server, &sessions[i]);
	output_array_end();
}

static void output_round_trips(struct engine *engine, const struct attached_target *target)
{
	struct past *past = &pasts[target->index];
	struct target_counts counts = {};

	target_counts_add(engine, target->index, &counts);
	if (counts.round_trips > past->round_trips) {
		output_number("roundTrips", counts.round_trips - past->round_trips);
		output_number("roundTripNs", (counts.round_trip_us - past->round_trip_us) * 1000);
	}
	past->round_trips = counts.round_trips;
	past->round_trip_us = counts.round_trip_us;
}

void output_sessions(struct engine *engine, const struct attached_target *target)
{
	static struct session sessions[SERVER_MAX_CHILDREN];
	unsigned int count = read_sessions(target, sessions);

	remember(target, sessions, count);
	output_object("sessions");
	output_states(&target->server, sessions, count);
	output_memory(&target->server, sessions, count);
	output_round_trips(engine, target);
	output_object_end();
}

void sessions_forget(const struct attached_target *target)
{
	struct past *past = &pasts[target->index];

	free(past->seen);
	memset(past, 0, sizeof(*past));
}
