// SPDX-License-Identifier: Apache-2.0
/* The steps from a PID to a known server; each refuses with a sentence what the ones before let through. */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf.h"
#include "process.h"
#include "sites.h"

#define DELETED	  " (deleted)"
#define PAGE_SIZE 4096

static int find_process(struct server *server, struct error *err)
{
	struct process process;

	if (!process_read(server->pid, &process))
		return error_set(err, "NoSuchProcess",
				 "there is no process with PID %d; has the server ended, or is the "
				 "number from "
				 "another PID namespace (a container's)?",
				 server->pid);
	server->namespace_pid = process.namespace_pid;
	return 0;
}

static int open_executable(struct server *server, struct error *err)
{
	size_t suffix = strlen(DELETED), length;
	struct stat file;
	ssize_t copied;
	char link[64];

	snprintf(link, sizeof(link), "/proc/%d/exe", server->pid);
	server->executable_fd = open(link, O_RDONLY | O_CLOEXEC);
	if (server->executable_fd < 0 && errno == ENOENT)
		return error_set(err, "NotPostmaster",
				 "PID %d has no executable: it is a thread of the kernel or has just ended",
				 server->pid);
	if (server->executable_fd < 0)
		return error_set(err, "AttachFailed",
				 "cannot open the executable of PID %d (%s): %s; run pgscope as root", server->pid,
				 link, strerror(errno));
	copied = readlink(link, server->executable, sizeof(server->executable) - 1);
	if (copied < 0 || fstat(server->executable_fd, &file))
		return error_set(err, "NoSuchProcess", "PID %d has ended while it was examined", server->pid);
	server->executable[copied] = '\0';
	server->device = file.st_dev;
	server->inode = file.st_ino;
	length = copied;
	if (length > suffix && strcmp(server->executable + length - suffix, DELETED) == 0) {
		server->executable_deleted = true;
		server->executable[length - suffix] = '\0';
	}
	return 0;
}

/* A postmaster works in its data directory and has left its number there; its children share that
 * directory. */
static int check_postmaster(const struct server *server, struct error *err)
{
	struct process process, parent;
	int owner;

	if (!process_read(server->pid, &process))
		return find_process((struct server *)server, err);
	owner = process_data_directory_owner(&process);
	if (owner && owner == process.namespace_pid)
		return 0;
	if (owner < 0)
		return error_set(
			err, "NotPermitted",
			"the working directory of PID %d (%s) cannot be read: %s; run pgscope as root, or with "
			"CAP_DAC_READ_SEARCH besides CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE",
			server->pid, server->executable, strerror(EACCES));
	if (process_read(process.parent, &parent) && process_is_postmaster(&parent))
		return error_set(err, "NotPostmaster",
				 "PID %d is a backend of the PostgreSQL server whose postmaster is "
				 "PID %d; use %d",
				 server->pid, parent.pid, parent.pid);
	if (owner > 0)
		return error_set(err, "NotPostmaster",
				 "PID %d (%s) works in the data directory of another PostgreSQL "
				 "server, whose postmaster has "
				 "the number %d (in its own PID namespace); use that one",
				 server->pid, server->executable, owner);
	return error_set(err, "NotPostmaster",
			 "PID %d (%s) is no PostgreSQL postmaster: its working directory holds no "
			 "PG_VERSION with a "
			 "postmaster.pid; a postmaster's PID is the first line of postmaster.pid "
			 "in its data directory",
			 server->pid, server->executable);
}

static int check_version(const struct elf *elf, struct server *server, struct error *err)
{
	struct error no_version;

	if (elf_postgres_version(elf, server->version, sizeof(server->version), &server->major, &no_version))
		return error_set(err, "NotPostmaster", "PID %d runs %s, and %s", server->pid, server->executable,
				 no_version.message);
	if (!layout_of(server->major, &server->layout))
		return error_set(err, "UnsupportedVersion",
				 "the server with PID %d is PostgreSQL %s; pgscope knows %d to %d "
				 "and tries newer ones",
				 server->pid, server->version, LAYOUT_OLDEST_MAJOR, LAYOUT_NEWEST_MAJOR);
	return 0;
}

/*
 * AT_ENTRY is where the kernel placed the entry point. It needs no path and no inode, which
 * /proc/PID/maps shows in other ways on overlay and btrfs file systems and after an upgrade has
 * replaced the file.
 */
static int find_load_bias(const struct elf *elf, struct server *server, struct error *err)
{
	uint64_t entry;

	if (!process_entry_point(server->pid, &entry))
		return error_set(err, "AttachFailed", "cannot read /proc/%d/auxv: %s; run pgscope as root", server->pid,
				 strerror(errno));
	server->load_bias = entry - elf->entry;
	if (server->load_bias % PAGE_SIZE || (!elf->position_independent && server->load_bias))
		return error_set(err, "ImplausibleLayout",
				 "PID %d was started at 0x%" PRIx64 ", which does not fit the entry point 0x%" PRIx64
				 " of %s",
				 server->pid, entry, elf->entry, server->executable);
	return 0;
}

static int check_size(const struct server *server, enum server_variable variable, uint16_t expected, struct error *err)
{
	const struct variable_site *site = &server->variables[variable];

	if (site->size == expected)
		return 0;
	return error_set(err, "ImplausibleLayout",
			 "%s of the PostgreSQL %s server with PID %d has %" PRIu64
			 " bytes instead of %u: this is %s, so pgscope cannot trust what it would read",
			 site->name, server->version, server->pid, site->size, expected,
			 server->layout.verified ? "a modified build" : "a newer version than the known ones");
}

static int check_layout(const struct server *server, struct error *err)
{
	uint64_t address = server->variables[VARIABLE_PROC_PID].address;
	int32_t own_pid;

	if (check_size(server, VARIABLE_BUFFER_USAGE, server->layout.buffer_usage.size, err) ||
	    check_size(server, VARIABLE_WAL_USAGE, server->layout.wal_usage.size, err))
		return -1;
	if (!process_read_memory(server->pid, address, &own_pid, sizeof(own_pid)))
		return error_set(err, "AttachFailed",
				 "cannot read the memory of PID %d at 0x%" PRIx64
				 ": %s; run pgscope as root (CAP_SYS_PTRACE)",
				 server->pid, address, strerror(errno));
	if (own_pid == server->namespace_pid)
		return 0;
	return error_set(err, "ImplausibleLayout",
			 "MyProcPid of the PostgreSQL %s server with PID %d is %d instead of %d: "
			 "its memory is not laid out "
			 "as its executable says",
			 server->version, server->pid, own_pid, server->namespace_pid);
}

static int read_executable(struct server *server, struct error *err)
{
	struct elf elf;
	int result;

	if (elf_file_open(server->executable_fd, server->executable, &elf, err))
		return -1;
	result = check_version(&elf, server, err) || find_load_bias(&elf, server, err) || sites_find(&elf, server, err);
	elf_file_close(&elf);
	return result ? -1 : 0;
}

int server_inspect(int pid, struct server *out, struct error *err)
{
	*out = (struct server){.pid = pid, .executable_fd = -1};
	if (find_process(out, err) || open_executable(out, err) || check_postmaster(out, err) ||
	    read_executable(out, err) || check_layout(out, err)) {
		server_close(out);
		return -1;
	}
	return 0;
}

void server_close(struct server *server)
{
	if (server->executable_fd >= 0)
		close(server->executable_fd);
	server->executable_fd = -1;
}
