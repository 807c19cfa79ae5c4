// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tag.h"
#include "backend.h"

/* PostgreSQL counts µs since 2000-01-01 */
#define POSTGRES_EPOCH_NS (946684800ULL * 1000000000ULL)

static void read_memory(int pid, uint64_t address, void *out, size_t size)
{
	struct iovec local = {.iov_base = out, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)address, .iov_len = size};

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		memset(out, 0, size);
}

static FILE *open_proc(int pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return fopen(path, "re");
}

/* /proc/PID/stat: minor faults are field 10, major ones 12; the name in field 2 may hold anything
 * but ends at the last ')'. */
static void read_faults(int pid, struct snapshot *out)
{
	FILE *file = open_proc(pid, "stat");
	char line[1024] = "";
	char *fields;

	if (!file)
		return;
	if (fgets(line, sizeof(line), file) && (fields = strrchr(line, ')')))
		sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu", &out->kernel[COUNTER_MINOR_FAULTS],
		       &out->kernel[COUNTER_MAJOR_FAULTS]);
	fclose(file);
}

static void read_storage_io(int pid, struct snapshot *out)
{
	FILE *file = open_proc(pid, "io");
	char line[128];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "read_bytes: %llu", &out->kernel[COUNTER_STORAGE_READ_BYTES]);
		sscanf(line, "write_bytes: %llu", &out->kernel[COUNTER_STORAGE_WRITE_BYTES]);
	}
	fclose(file);
}

static void read_base(const struct target *target, int pid, struct snapshot *out)
{
	read_memory(pid, target->usage, out->usage, target->usage_size);
	if (target->wal_usage)
		read_memory(pid, target->wal_usage, out->usage + WAL_USAGE_APART, WAL_FIELDS * sizeof(uint64_t));
	read_faults(pid, out);
	read_storage_io(pid, out);
}

/* A backend that is in the middle of a statement: since when it is. */
static void read_running(struct engine *engine, const struct target *target, int pid, struct backend *out)
{
	uint64_t entry = 0, start = 0;
	int32_t state = -1;

	if (!target->backend_entry)
		return;
	read_memory(pid, target->backend_entry, &entry, sizeof(entry));
	if (!entry)
		return;
	read_memory(pid, entry + target->entry_state, &state, sizeof(state));
	read_memory(pid, entry + target->entry_activity_start, &start, sizeof(start));
	if (state != target->state_running || !start)
		return;
	out->open = 1;
	out->begin_ns = start * 1000 + POSTGRES_EPOCH_NS - engine->skel->bss->wall_clock_offset_ns;
	out->boundary_ns = out->begin_ns;
}

int tag_process(struct engine *engine, unsigned int index, const struct target *target, int pid, bool postmaster)
{
	struct backend backend = {.target = index, .generation = target->generation, .postmaster = postmaster};
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int map = bpf_map__fd(engine->skel->maps.backends);
	struct backend present;

	if (pidfd < 0)
		return -1;
	read_base(target, pid, &backend.last);
	read_running(engine, target, pid, &backend);
	/* a tag of this generation was inherited and is better than ours; an older one is a former
	 * target's */
	if (bpf_map_lookup_elem(map, &pidfd, &present) || present.generation != target->generation)
		bpf_map_update_elem(map, &pidfd, &backend, BPF_ANY);
	close(pidfd);
	return 0;
}

void untag_process(struct engine *engine, int pid)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return;
	bpf_map_delete_elem(bpf_map__fd(engine->skel->maps.backends), &pidfd);
	close(pidfd);
}
