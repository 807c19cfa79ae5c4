/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Counters are read at boundaries, never hooked: what the kernel and PostgreSQL count anyway for
 * the current task. */
#ifndef PGSCOPE_COUNTERS_BPF_H
#define PGSCOPE_COUNTERS_BPF_H

#define FAMILY_INET	  2
#define FAMILY_INET6	  10
#define PROTOCOL_TCP	  6
#define STATE_ESTABLISHED 1

static __always_inline u64 cpu_time(const struct backend *backend, u64 now)
{
	u64 running = backend->on_cpu_ns;

	return backend->cpu_ns + (running && now > running ? now - running : 0);
}

/* Bytes of the client's TCP connection, where sends and receives cannot be observed one by one
 * (before Linux 6.3). */
static __always_inline void read_socket_bytes(struct backend *backend)
{
	struct tcp_sock *sock = (struct tcp_sock *)backend->socket;

	if (sees_sockets || backend->socket <= 1)
		return;
	bpf_probe_read_kernel(&backend->received_bytes, sizeof(u64),
			      __builtin_preserve_access_index(&sock->bytes_received));
	bpf_probe_read_kernel(&backend->sent_bytes, sizeof(u64), __builtin_preserve_access_index(&sock->bytes_sent));
}

/* Round-trip time of the client's connection as TCP has measured it, µs; 0: it is a unix socket, or not known. */
static __noinline u32 round_trip_us(const struct backend *backend)
{
	u16 family = 0, protocol = 0;
	u8 state = 0;
	u32 srtt = 0;
	struct tcp_sock *tcp;
	struct sock *sock;

	if (!backend || backend->socket <= 1)
		return 0;
	sock = (struct sock *)backend->socket;
	tcp = (struct tcp_sock *)backend->socket;
	bpf_probe_read_kernel(&family, sizeof(family), __builtin_preserve_access_index(&sock->__sk_common.skc_family));
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)__builtin_preserve_access_index(&sock->__sk_common.skc_state));
	bpf_probe_read_kernel(&protocol, sizeof(protocol), __builtin_preserve_access_index(&sock->sk_protocol));
	if ((family != FAMILY_INET && family != FAMILY_INET6) || protocol != PROTOCOL_TCP || state != STATE_ESTABLISHED)
		return 0;
	bpf_probe_read_kernel(&srtt, sizeof(srtt), __builtin_preserve_access_index(&tcp->srtt_us));
	return srtt >> 3;
}

/* The part of a snapshot that is the kernel's. */
static __always_inline void read_kernel_counters(struct backend *backend, struct snapshot *out, u64 now)
{
	struct task_struct *task = bpf_get_current_task_btf();

	read_socket_bytes(backend);
	out->kernel[COUNTER_CPU_NS] = cpu_time(backend, now);
	out->kernel[COUNTER_RUN_QUEUE_NS] = backend->queued_ns;
	out->kernel[COUNTER_STORAGE_READ_BYTES] = task->ioac.read_bytes;
	out->kernel[COUNTER_STORAGE_WRITE_BYTES] = task->ioac.write_bytes;
	out->kernel[COUNTER_MINOR_FAULTS] = task->min_flt;
	out->kernel[COUNTER_MAJOR_FAULTS] = task->maj_flt;
	out->kernel[COUNTER_NETWORK_RECEIVED_BYTES] = backend->received_bytes;
	out->kernel[COUNTER_NETWORK_SENT_BYTES] = backend->sent_bytes;
}

/* Everything cumulative, now. What cannot be read keeps its value of `last`, so that no delta goes wrong. */
static __always_inline void take_snapshot(struct backend *backend, const struct target *target, struct snapshot *out,
					  u64 now)
{
	u32 size = target->usage_size;

	read_kernel_counters(backend, out, now);
	if (size > USAGE_MAX)
		size = USAGE_MAX;
	if (bpf_probe_read_user(out->usage, size, (void *)target->usage) ||
	    (target->wal_usage &&
	     bpf_probe_read_user(out->usage + WAL_USAGE_APART, WAL_FIELDS * sizeof(u64), (void *)target->wal_usage))) {
		__builtin_memcpy(out->usage, backend->last.usage, USAGE_MAX);
		count_loss(LOSS_COUNTERS_UNREADABLE);
	}
}

static __always_inline u64 usage_at(const struct snapshot *snapshot, u32 offset)
{
	return offset <= USAGE_MAX - 8 ? *(u64 *)(snapshot->usage + offset) : 0;
}

/* One I/O time at `offset` of BufferUsage, ns; 0 for an unused one. */
static __always_inline u64 io_time(const struct snapshot *snapshot, const struct target *target, u32 offset)
{
	u64 first;

	if (!offset)
		return 0;
	offset += target->buffers_at;
	first = usage_at(snapshot, offset);
	if (!target->io_time_timespec)
		return first;
	return first * 1000000000ULL + usage_at(snapshot, offset + 8);
}

static __always_inline u64 io_time_sum(const struct snapshot *snapshot, const struct target *target,
				       const unsigned short *offsets)
{
	u64 sum = 0;

	for (int i = 0; i < IO_TIMES; i++)
		sum += io_time(snapshot, target, offsets[i]);
	return sum;
}

static __always_inline u64 grown(u64 now, u64 before)
{
	return now > before ? now - before : 0;
}

/* What happened between two snapshots; of phases, nothing. */
static __always_inline void delta_of(const struct target *target, const struct snapshot *before,
				     const struct snapshot *after, struct sums *out)
{
	for (int i = 0; i < KERNEL_COUNTERS; i++)
		out->value[i] = grown(after->kernel[i], before->kernel[i]);
	for (int i = 0; i < BUFFER_BLOCKS; i++)
		out->value[SUM_BLOCKS + i] = grown(usage_at(after, target->buffers_at + i * 8),
						   usage_at(before, target->buffers_at + i * 8));
	out->value[SUM_BLOCK_READ_NS] =
		grown(io_time_sum(after, target, target->read_times), io_time_sum(before, target, target->read_times));
	out->value[SUM_BLOCK_WRITE_NS] = grown(io_time_sum(after, target, target->write_times),
					       io_time_sum(before, target, target->write_times));
	for (int i = 0; i < WAL_FIELDS; i++)
		out->value[SUM_WAL + i] =
			grown(usage_at(after, target->wal_at + i * 8), usage_at(before, target->wal_at + i * 8));
	for (int i = 0; i < PHASES; i++)
		out->value[SUM_PHASES + i] = 0;
}

#endif
