// SPDX-License-Identifier: Apache-2.0
/*
 * Who waits for a lock at this time. Unlike locks.c, which follows events, this looks at every process of a server: so
 * a wait is found that began before the tracer came, and no function of PostgreSQL is hooked.
 */
#include "locks.h"
#include "output.h"
#include "process.h"

#define LOCK_WAITS    64  /* of a server that are told */
#define PROCESS_BYTES 512 /* of a PGPROC, its first ones: `waitLock` is there in all versions */
#define PROCESS_WORDS (PROCESS_BYTES / sizeof(uint64_t))
#define LOCKTAG_BYTES 16
#define MODES	      8

struct lock_wait {
	int pid, host_pid;
	uint32_t event;	     /* wait_event_info, and the mode */
	uint64_t wait_start; /* µs since 2000-01-01; 0: not known */
	struct awaited_lock awaited;
	uint32_t tag[LOCKTAG_BYTES / sizeof(uint32_t)];
};

static uint64_t read_pointer(const struct server *server, int pid, enum server_variable variable)
{
	uint64_t pointer = 0;

	process_read_memory(pid, server->variables[variable].address, &pointer, sizeof(pointer));
	return pointer;
}

/*
 * In a PGPROC stand, in this order, waitLock (LOCK *), waitProcLock (PROCLOCK *), waitLockMode and heldLocks (int32
 * each), and from 14 on waitStart. Where, differs by version; but a PROCLOCK begins with its LOCK and its PGPROC, and
 * so tells by itself that it is one.
 */
static bool find_awaited(int pid, uint64_t process, struct lock_wait *wait)
{
	uint64_t words[PROCESS_WORDS], begin[2];

	if (!process_read_memory(pid, process, words, sizeof(words)))
		return false;
	for (unsigned int i = 0; i + 3 < PROCESS_WORDS; i++) {
		if (!words[i] || !words[i + 1] || words[i] % sizeof(void *) || words[i + 1] % sizeof(void *) ||
		    !process_read_memory(pid, words[i + 1], begin, sizeof(begin)) || begin[0] != words[i] ||
		    begin[1] != process)
			continue;
		wait->awaited =
			(struct awaited_lock){.lock = words[i], .holder = words[i + 1], .mode = (uint32_t)words[i + 2]};
		wait->wait_start = words[i + 3];
		return wait->awaited.mode >= 1 && wait->awaited.mode <= MODES;
	}
	return false;
}

/* Whether the process waits for a lock, of the type that its wait event names. */
static bool read_wait(const struct server *server, int pid, struct lock_wait *wait)
{
	uint64_t address = read_pointer(server, pid, VARIABLE_WAIT_EVENT_INFO), process;
	int32_t own_pid;

	if (!process_read_memory(pid, address, &wait->event, sizeof(wait->event)) ||
	    wait->event >> 24 != WAIT_CLASS_LOCK)
		return false;
	process = read_pointer(server, pid, VARIABLE_PROCESS);
	if (!find_awaited(pid, process, wait) ||
	    !process_read_memory(pid, process + server->layout.process_pid, &own_pid, sizeof(own_pid)) ||
	    !process_read_memory(pid, wait->awaited.lock, wait->tag, sizeof(wait->tag)) ||
	    (wait->tag[3] >> 16 & 0xff) != (wait->event & 0xff))
		return false;
	wait->pid = own_pid;
	wait->host_pid = pid;
	wait->event |= wait->awaited.mode << LOCK_MODE_SHIFT;
	return true;
}

static void report(const struct attached_target *target, const struct lock_wait *wait,
		   const struct known_processes *known)
{
	struct lock_look look = {.mode = wait->awaited.mode};
	struct session session;

	for (int i = 0; i < 3; i++)
		look.fields[i] = wait->tag[i];
	look.fields[3] = wait->tag[3] & 0xffff;
	locks_read_blockers(&target->server, wait->host_pid, &wait->awaited, wait->pid, known, &look);
	locks_read_session(&target->server, wait->pid, wait->host_pid, &session);
	output_begin("lock");
	output_string("target", target->name);
	output_number("event", wait->event);
	if (wait->wait_start)
		output_decimal("sinceUnixNano", (wait->wait_start + SECONDS_1970_TO_2000 * 1000000ULL) * 1000);
	output_number("databaseOid", session.database_oid);
	output_number("userOid", session.user_oid);
	locks_output_session(&target->server, &session);
	locks_output(&target->server, &look);
	output_end();
}

unsigned int lock_waits_report(const struct attached_target *target)
{
	static struct known_process list[SERVER_MAX_CHILDREN];
	static struct lock_wait waits[LOCK_WAITS];
	static int children[SERVER_MAX_CHILDREN];
	const struct server *server = &target->server;
	struct known_processes known = {.list = list};
	unsigned int count = 0, untold = 0;

	if (!server->layout.process_pid || !server->variables[VARIABLE_PROCESS].address ||
	    !server->variables[VARIABLE_WAIT_EVENT_INFO].address)
		return 0;
	known.count = server_children(server->pid, children, SERVER_MAX_CHILDREN);
	if (known.count > SERVER_MAX_CHILDREN)
		known.count = SERVER_MAX_CHILDREN;
	for (int i = 0; i < known.count; i++) {
		struct lock_wait wait;

		if (!read_wait(server, children[i], &wait))
			continue;
		if (count < LOCK_WAITS)
			waits[count++] = wait;
		else
			untold++;
	}
	for (int i = 0; count && i < known.count; i++)
		list[i] = (struct known_process){.address = read_pointer(server, children[i], VARIABLE_PROCESS),
						 .pid = children[i]};
	for (unsigned int i = 0; i < count; i++)
		report(target, &waits[i], &known);
	return untold;
}
