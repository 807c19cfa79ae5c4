// SPDX-License-Identifier: Apache-2.0
/* Reads of /proc that a hostile container cannot block or lead elsewhere. */
#include "process.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

/* Reads a small regular file; never blocks (a container may have put a pipe there) and follows no
 * link out of it. */
static ssize_t read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;
	ssize_t length;

	if (fd < 0)
		return -1;
	length = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) ? read(fd, out, size - 1) : -1;
	close(fd);
	if (length >= 0)
		out[length] = '\0';
	return length;
}

/* The last number of the line of /proc/PID/status that begins with `key`; 0 if there is none. */
static int last_number(const char *status, const char *key)
{
	const char *line = strstr(status, key);
	long number = 0;
	char *end;

	if (!line)
		return 0;
	line += strlen(key);
	while (*line == ' ' || *line == '\t') {
		number = strtol(line, &end, 10);
		if (end == line)
			break;
		line = end;
	}
	return (int)number;
}

bool process_read(int pid, struct process *out)
{
	char path[64], status[4096];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (pid <= 0 || read_file(path, status, sizeof(status)) <= 0)
		return false;
	/* The name in the first line cannot forge another one: the kernel escapes its newlines. */
	*out = (struct process){
		.pid = pid,
		.parent = last_number(status, "\nPPid:"),
		.namespace_pid = last_number(status, "\nNSpid:"),
	};
	/* The number of a thread opens the same files as its process. */
	return last_number(status, "\nTgid:") == pid;
}

int process_data_directory_owner(const struct process *process)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/cwd/PG_VERSION", process->pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return errno == EACCES ? -1 : 0;
	snprintf(path, sizeof(path), "/proc/%d/cwd/postmaster.pid", process->pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	return atoi(text);
}

bool process_is_postmaster(const struct process *process)
{
	return process->namespace_pid > 0 && process_data_directory_owner(process) == process->namespace_pid;
}

bool process_entry_point(int pid, uint64_t *entry)
{
	Elf64_auxv_t entries[64];
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, entries, sizeof(entries));
	close(fd);
	for (ssize_t i = 0; i < length / (ssize_t)sizeof(entries[0]); i++) {
		if (entries[i].a_type != AT_ENTRY)
			continue;
		*entry = entries[i].a_un.a_val;
		return true;
	}
	return false;
}

static ssize_t read_some(int pid, uint64_t address, void *out, size_t size)
{
	struct iovec local = {.iov_base = out, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)address, .iov_len = size};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

bool process_read_memory(int pid, uint64_t address, void *out, size_t size)
{
	return address && read_some(pid, address, out, size) == (ssize_t)size;
}

ssize_t process_read_text(int pid, uint64_t address, char *out, size_t size)
{
	size_t length = 0;

	/* Page by page, as the page behind a string's end need not exist. */
	while (address && length < size) {
		size_t part = PAGE - (address + length) % PAGE;
		char *end;

		if (part > size - length)
			part = size - length;
		if (read_some(pid, address + length, out + length, part) != (ssize_t)part)
			return -1;
		end = memchr(out + length, '\0', part);
		if (end)
			return end - out;
		length += part;
	}
	return -1;
}

bool process_descriptor_is_socket(int pid, int descriptor)
{
	char path[64], link[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, descriptor);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return false;
	link[length] = '\0';
	return strncmp(link, "socket:", strlen("socket:")) == 0;
}
