// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "locks.h"
#include "output.h"
#include "process.h"

#define LOOKS	  128 /* that are kept, the newest ones */
#define MAX_STEPS 256 /* along the holders of one lock */
#define MODES	  8

/* LOCALLOCK: LOCKTAG, LOCKMODE @16, LOCK * @24, PROCLOCK * @32; the same from 13 to 18. */
struct local_lock {
	uint32_t field1, field2, field3;
	uint16_t field4;
	uint8_t type, method;
	uint32_t mode;
	uint32_t hash;
	uint64_t lock;
	uint64_t holder;
};

/* LOCK: LOCKTAG, masks, and @24 the head of the list of its holders: previous, next. */
#define LOCK_HOLDERS 24

/* PROCLOCK; the list goes through `previous` and `next`. */
struct holder {
	uint64_t lock;
	uint64_t process; /* PGPROC * */
	uint64_t group_leader;
	uint32_t held; /* mask of modes */
	uint32_t released;
	uint64_t previous, next;
};

#define HOLDER_LINK offsetof(struct holder, previous)

/* Modes that conflict with each mode, 1 to 8, as lock.c has them. */
#define M(mode) (1U << (mode))
static const uint32_t conflicts[MODES + 1] = {
	[1] = M(8),
	[2] = M(7) | M(8),
	[3] = M(5) | M(6) | M(7) | M(8),
	[4] = M(4) | M(5) | M(6) | M(7) | M(8),
	[5] = M(3) | M(4) | M(6) | M(7) | M(8),
	[6] = M(3) | M(4) | M(5) | M(6) | M(7) | M(8),
	[7] = M(2) | M(3) | M(4) | M(5) | M(6) | M(7) | M(8),
	[8] = M(1) | M(2) | M(3) | M(4) | M(5) | M(6) | M(7) | M(8),
};

static struct lock_look looks[LOOKS];
static unsigned int next_look;

/* The PID by which we see a backend that PostgreSQL calls `pid`; 0: none. */
static int pid_of(const struct server *server, int pid)
{
	static int children[SERVER_MAX_CHILDREN];
	struct process process;
	int count;

	if (server->pid == server->namespace_pid)
		return pid;
	count = server_backends(server->pid, children, SERVER_MAX_CHILDREN);
	for (int i = 0; i < count && i < SERVER_MAX_CHILDREN; i++)
		if (process_read(children[i], &process) && process.namespace_pid == pid)
			return children[i];
	return 0;
}

void locks_read_session(const struct server *server, int pid, int host_pid, struct session *out)
{
	const struct backend_entry_layout *layout = &server->layout.backend_entry;
	uint64_t variable = server->variables[VARIABLE_BACKEND_ENTRY].address, entry = 0, text = 0, application = 0;
	int32_t state = -1;

	*out = (struct session){.pid = pid, .backend_type = -1};
	if (!host_pid || !variable || !process_read_memory(host_pid, variable, &entry, sizeof(entry)) || !entry)
		return;
	process_read_memory(host_pid, entry + layout->state, &state, sizeof(state));
	snprintf(out->state, sizeof(out->state), "%s", backend_state_name(&server->layout.states, state));
	process_read_memory(host_pid, entry + layout->backend_type, &out->backend_type, sizeof(out->backend_type));
	process_read_memory(host_pid, entry + layout->database_oid, &out->database_oid, sizeof(out->database_oid));
	process_read_memory(host_pid, entry + layout->user_oid, &out->user_oid, sizeof(out->user_oid));
	process_read_memory(host_pid, entry + layout->xact_start, &out->transaction_start,
			    sizeof(out->transaction_start));
	if (process_read_memory(host_pid, entry + layout->application, &application, sizeof(application)))
		process_read_text(host_pid, application, out->application, sizeof(out->application));
	if (process_read_memory(host_pid, entry + layout->activity, &text, sizeof(text)))
		process_read_text(host_pid, text, out->text, sizeof(out->text));
}

/* The PID in a PGPROC. */
static int process_pid(const struct server *server, int reader, uint64_t process)
{
	int32_t pid = 0;

	process_read_memory(reader, process + server->layout.process_pid, &pid, sizeof(pid));
	return pid;
}

/* A process of the server that holds a lock or waits for one; its PGPROC is in shared memory. */
static void read_process(const struct server *server, int reader, uint64_t process, const struct known_processes *known,
			 struct session *out)
{
	int pid = process_pid(server, reader, process);

	for (int i = 0; known && i < known->count; i++)
		if (known->list[i].address == process) {
			locks_read_session(server, pid, known->list[i].pid, out);
			return;
		}
	locks_read_session(server, pid, known ? 0 : pid_of(server, pid), out);
}

/*
 * Walks along the holders, in memory that others change: what does not fit together ends it. `waiting`: those that wait
 * for it instead, all of which were there before.
 */
static void walk(const struct server *server, int reader, const struct awaited_lock *awaited, const struct holder *own,
		 bool waiting, const struct known_processes *known, struct lock_look *look)
{
	uint64_t head = awaited->lock + LOCK_HOLDERS, link;
	struct holder holder;

	if (!process_read_memory(reader, head + sizeof(uint64_t), &link, sizeof(link)))
		return;
	for (int i = 0; i < MAX_STEPS && link && link != head && look->count < LOCK_BLOCKERS; i++) {
		if (!process_read_memory(reader, link - HOLDER_LINK, &holder, sizeof(holder)) ||
		    holder.lock != awaited->lock)
			return;
		link = holder.next;
		if (holder.process == own->process || holder.group_leader == own->group_leader ||
		    !(waiting ? !holder.held : holder.held & conflicts[awaited->mode]))
			continue;
		read_process(server, reader, holder.process, known, &look->blockers[look->count].session);
		look->blockers[look->count++].waiting = waiting;
	}
}

void locks_read_blockers(const struct server *server, int reader, const struct awaited_lock *awaited, int waiter,
			 const struct known_processes *known, struct lock_look *look)
{
	struct holder own;

	if (!process_read_memory(reader, awaited->holder, &own, sizeof(own)) || own.lock != awaited->lock ||
	    process_pid(server, reader, own.process) != waiter)
		return;
	walk(server, reader, awaited, &own, false, known, look);
	if (!look->count)
		walk(server, reader, awaited, &own, true, known, look);
}

void locks_output_session(const struct server *server, const struct session *session)
{
	const char *type = session->backend_type < 0 || session->backend_type == server->layout.types.client
				   ? NULL
				   : backend_type_name(server->major, session->backend_type);

	output_number("pid", session->pid);
	if (type)
		output_string("backendType", type);
	if (session->state[0])
		output_string("state", session->state);
	output_text("application", session->application, strnlen(session->application, NAME_BYTES));
	if (session->transaction_start)
		output_decimal("transactionStartUnixNano",
			       (session->transaction_start + SECONDS_1970_TO_2000 * 1000000ULL) * 1000);
	output_text("text", session->text, strnlen(session->text, sizeof(session->text)));
}

void locks_output(const struct server *server, const struct lock_look *look)
{
	output_object("lock");
	output_number("mode", look->mode);
	output_array("fields");
	for (int i = 0; i < 4; i++)
		output_number(NULL, look->fields[i]);
	output_array_end();
	output_array("blockers");
	for (unsigned int i = 0; i < look->count; i++) {
		output_object(NULL);
		output_bool("waiting", look->blockers[i].waiting);
		locks_output_session(server, &look->blockers[i].session);
		output_object_end();
	}
	output_array_end();
	output_object_end();
}

void locks_look(const struct attached_target *target, const struct lock_event *event)
{
	struct lock_look *look = &looks[next_look++ % LOOKS];
	const struct server *server = &target->server;
	int reader = pid_of(server, event->pid);
	struct awaited_lock awaited;
	struct local_lock lock;

	memset(look, 0, sizeof(*look));
	if (!reader || !server->layout.process_pid ||
	    !process_read_memory(reader, event->local_lock, &lock, sizeof(lock)) || lock.mode < 1 || lock.mode > MODES)
		return;
	look->target = target->index + 1;
	look->pid = event->pid;
	look->at_ns = event->at_ns;
	look->mode = lock.mode;
	look->fields[0] = lock.field1;
	look->fields[1] = lock.field2;
	look->fields[2] = lock.field3;
	look->fields[3] = lock.field4;
	awaited = (struct awaited_lock){.lock = lock.lock, .holder = lock.holder, .mode = lock.mode};
	locks_read_blockers(server, reader, &awaited, event->pid, NULL, look);
}

const struct lock_look *locks_find(const struct attached_target *target, unsigned int pid, uint64_t begin_ns)
{
	const struct lock_look *found = NULL;

	for (int i = 0; i < LOOKS; i++)
		if (looks[i].target == target->index + 1 && looks[i].pid == pid && looks[i].at_ns <= begin_ns &&
		    (!found || looks[i].at_ns > found->at_ns))
			found = &looks[i];
	return found;
}

void locks_forget(const struct attached_target *target)
{
	for (int i = 0; i < LOOKS; i++)
		if (looks[i].target == target->index + 1)
			looks[i].target = 0;
}
