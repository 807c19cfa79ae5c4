// SPDX-License-Identifier: Apache-2.0
/* What /proc and process_vm_readv tell of one process. Nothing here writes, and nothing waits on a
 * file of the process. */
#ifndef PGSCOPE_PROCESS_H
#define PGSCOPE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	int pid;	   /* as this process sees PIDs */
	int parent;	   /* the same; 0: none that we see */
	int namespace_pid; /* as the process itself sees it */
};

/* False if there is no such process (any more). */
bool process_read(int pid, struct process *out);

/* The process's own number in the postmaster.pid of its working directory; 0 if there is none (no
 * data directory), -1 if it may not be read. */
int process_data_directory_owner(const struct process *process);
bool process_is_postmaster(const struct process *process);

/* Where the kernel started the executable (AT_ENTRY). */
bool process_entry_point(int pid, uint64_t *entry);

bool process_read_memory(int pid, uint64_t address, void *out, size_t size);

/* Reads a string of at most size - 1 bytes. Its length, or -1 if it cannot be read or has no end.
 */
ssize_t process_read_text(int pid, uint64_t address, char *out, size_t size);

bool process_descriptor_is_socket(int pid, int descriptor);

#endif
