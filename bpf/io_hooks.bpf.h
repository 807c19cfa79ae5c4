/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The programs behind the system calls that work on files: how many, how long, how many bytes. What kind of file it is
 * PostgreSQL itself says, by the wait event that it shows meanwhile. A process of no target leaves after one look-up.
 */
#ifndef PGSCOPE_IO_HOOKS_BPF_H
#define PGSCOPE_IO_HOOKS_BPF_H

#include <asm/unistd.h>

/* target, type of process, operation, wait event → cumulative sums; written here, read by the tracer, and deleted by it
 * when the target is detached */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_IO);
	__type(key, struct io_key);
	__type(value, struct io_value);
} io SEC(".maps");

/* target index × IO_OPERATIONS + operation → cumulative sums of the calls that found `io` full */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_TARGETS *IO_OPERATIONS);
	__type(key, u32);
	__type(value, struct io_value);
} overflow_io SEC(".maps");

/* 0 → an empty value, from which new ones start */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct io_value);
} empty_io SEC(".maps");

/* The wait event is a moment's: PostgreSQL sets it right before the call. */
static __noinline int io_begins(u32 operation, u64 bytes)
{
	struct backend *backend = current_backend();
	struct target *target;
	u64 event;

	if (!backend || backend->postmaster)
		return 0;
	target = target_of(backend);
	if (!target)
		return 0;
	event = backend->wait_event ? backend->wait_event : read_u64(target->wait_event_info);
	backend->io.operation = operation;
	backend->io.bytes = bytes;
	backend->io.event = event ? read_u32(event) : 0;
	backend->io.storage_read_bytes = bpf_get_current_task_btf()->ioac.read_bytes;
	backend->io.begin_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline struct io_value *io_value_of(const struct io_key *key)
{
	struct io_value *value = bpf_map_lookup_elem(&io, key);
	struct io_value *empty;
	u32 zero = 0, overflow;

	if (value)
		return value;
	empty = bpf_map_lookup_elem(&empty_io, &zero);
	if (!empty)
		return NULL;
	bpf_map_update_elem(&io, key, empty, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&io, key);
	if (value)
		return value;
	count_loss(LOSS_IO_OVERFLOW);
	overflow = key->target * IO_OPERATIONS + key->operation;
	return bpf_map_lookup_elem(&overflow_io, &overflow);
}

/* A process without an entry yet has a type already: MyBackendType. */
static __noinline int io_ends(s64 result)
{
	struct backend *backend = current_backend();
	u64 now = bpf_ktime_get_ns(), ns;
	struct io_value *value;
	struct io_key key = {};
	struct target *target;
	u32 bucket;

	if (!backend || !backend->io.begin_ns)
		return 0;
	ns = grown(now, backend->io.begin_ns);
	backend->io.begin_ns = 0;
	target = target_of(backend);
	if (!target || backend->io.operation >= IO_OPERATIONS)
		return 0;
	key.target = backend->target;
	key.backend_type = backend->type ? backend->type : read_u32(target->backend_type);
	key.operation = backend->io.operation;
	key.event = backend->io.event;
	value = io_value_of(&key);
	if (!value)
		return -1;
	__sync_fetch_and_add(&value->calls, 1);
	__sync_fetch_and_add(&value->ns, ns);
	if (result < 0)
		__sync_fetch_and_add(&value->errors, 1);
	else if (key.operation == IO_READ || key.operation == IO_WRITE)
		add(&value->bytes, result);
	else
		add(&value->bytes, backend->io.bytes);
	add(&value->storage_read_bytes,
	    grown(bpf_get_current_task_btf()->ioac.read_bytes, backend->io.storage_read_bytes));
	bucket = histogram_bucket(ns) >> 1;
	if (bucket < IO_BUCKETS)
		__sync_fetch_and_add(&value->buckets[bucket], 1);
	return 0;
}

/* What a call is asked to work on and does not return; `regs`: its arguments. */
static __always_inline u64 io_bytes(u32 operation, const struct pt_regs *regs)
{
	if (operation == IO_ALLOCATE)
		return PT_REGS_PARM4_CORE_SYSCALL(regs);
	return operation == IO_WRITEBACK ? PT_REGS_PARM3_CORE(regs) : 0;
}

#ifdef __TARGET_ARCH_x86
#define SYSTEM_CALL "__x64_sys_"
#else
#define SYSTEM_CALL "__arm64_sys_"
#endif

/* Such a program has to return 0. */
#define IO_CALL(name, operation)                                                                                       \
	SEC("fentry/" SYSTEM_CALL #name)                                                                               \
	int BPF_PROG(io_begins_##name, const struct pt_regs *regs)                                                     \
	{                                                                                                              \
		io_begins(operation, io_bytes(operation, regs));                                                       \
		return 0;                                                                                              \
	}                                                                                                              \
	SEC("fexit/" SYSTEM_CALL #name)                                                                                \
	int BPF_PROG(io_ends_##name, const struct pt_regs *regs, long result)                                          \
	{                                                                                                              \
		io_ends(result);                                                                                       \
		return 0;                                                                                              \
	}

/* Of several pages at once preadv and pwritev, of one page still the others. */
IO_CALL(pread64, IO_READ)
IO_CALL(preadv, IO_READ)
IO_CALL(pwrite64, IO_WRITE)
IO_CALL(pwritev, IO_WRITE)
IO_CALL(fallocate, IO_ALLOCATE)
IO_CALL(sync_file_range, IO_WRITEBACK)
IO_CALL(fsync, IO_SYNC)
IO_CALL(fdatasync, IO_SYNC)
IO_CALL(io_uring_enter, IO_RING)

static __always_inline u32 io_operation_of(long number)
{
	switch (number) {
	case __NR_pread64:
	case __NR_preadv:
		return IO_READ;
	case __NR_pwrite64:
	case __NR_pwritev:
		return IO_WRITE;
	case __NR_fallocate:
		return IO_ALLOCATE;
	case __NR_sync_file_range:
		return IO_WRITEBACK;
	case __NR_fsync:
	case __NR_fdatasync:
		return IO_SYNC;
	case __NR_io_uring_enter:
		return IO_RING;
	default:
		return IO_OPERATIONS;
	}
}

/* Where the kernel does not allow these: all system calls of all processes come by here. */
SEC("tp_btf/sys_enter")
int BPF_PROG(io_sys_enter, const struct pt_regs *regs, long number)
{
	u32 operation = io_operation_of(number);

	if (operation < IO_OPERATIONS)
		io_begins(operation, io_bytes(operation, regs));
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(io_sys_exit, const struct pt_regs *regs, long result)
{
#ifdef __TARGET_ARCH_x86
	if (io_operation_of(regs->orig_ax) >= IO_OPERATIONS)
		return 0;
#endif
	io_ends(result);
	return 0;
}

#endif
