/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Who the current process is: its tag, its target, its entry in PostgreSQL's table of backends. */
#ifndef PGSCOPE_SESSION_BPF_H
#define PGSCOPE_SESSION_BPF_H

#define WAIT_EVENT_CLIENT_READ 0x06000000
#define STATE_UNKNOWN	       (-2)

static __always_inline u64 read_u64(u64 address)
{
	u64 value = 0;

	bpf_probe_read_user(&value, sizeof(value), (void *)address);
	return value;
}

static __always_inline u32 read_u32(u64 address)
{
	u32 value = 0;

	bpf_probe_read_user(&value, sizeof(value), (void *)address);
	return value;
}

static __always_inline struct backend *current_backend(void)
{
	return bpf_task_storage_get(&backends, bpf_get_current_task_btf(), NULL, 0);
}

/* The backend's target; NULL once it has been detached. */
static __always_inline struct target *target_of(const struct backend *backend)
{
	u32 index = backend->target;
	struct target *target = bpf_map_lookup_elem(&targets, &index);

	return target && target->generation == backend->generation ? target : NULL;
}

static __always_inline struct target_counts *counts_of(const struct backend *backend)
{
	u32 index = backend->target;

	return bpf_map_lookup_elem(&target_counts, &index);
}

/* PostgreSQL's timestamps are µs of wall clock since 2000. */
static __always_inline u64 monotonic_of(u64 timestamp_us)
{
	return timestamp_us * 1000 + SECONDS_1970_TO_2000 * 1000000000ULL - wall_clock_offset_ns;
}

static __always_inline u64 client_socket_of(const struct target *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 port = read_u64(target->port);
	struct fdtable *table;
	struct socket *socket;
	struct file **files;
	struct file *file;
	struct sock *sock;
	u32 fd;

	if (!port)
		return 0;
	fd = read_u32(port + target->port_socket);
	table = BPF_CORE_READ(task, files, fdt);
	if (fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	files = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	socket = BPF_CORE_READ(file, private_data);
	sock = BPF_CORE_READ(socket, sk);
	if (!sees_sockets) {
		u16 family = BPF_CORE_READ(sock, __sk_common.skc_family);

		if (family != FAMILY_INET && family != FAMILY_INET6) /* only TCP keeps counts of its own */
			return 1;
	}
	return (u64)sock;
}

static __always_inline void learn_socket(struct backend *backend, const struct target *target)
{
	backend->socket = client_socket_of(target);
	if (sees_sockets)
		return;
	/* the connection's own counts: what it did before is nobody's */
	read_socket_bytes(backend);
	backend->last.kernel[COUNTER_NETWORK_RECEIVED_BYTES] = backend->received_bytes;
	backend->last.kernel[COUNTER_NETWORK_SENT_BYTES] = backend->sent_bytes;
}

/* A trace context begins with a version of two digits and a dash; only 00 exists. */
static __always_inline bool looks_like_context(u64 address)
{
	return (read_u32(address) & 0xffffff) == ('0' | '0' << 8 | '-' << 16);
}

/* A server that does not export MyBEEntry: only a backend with a client has a port. */
static __always_inline int learn_without_entry(struct backend *backend, const struct target *target)
{
	if (!read_u64(target->port))
		return -1;
	backend->kind = KIND_CLIENT;
	if (!backend->socket)
		learn_socket(backend, target);
	return 0;
}

/* Learns the current backend's entry, kind and identity as soon as PostgreSQL has them. */
static __noinline int learn_backend(struct backend *backend, const struct target *target)
{
	u32 type;

	if (!backend || !target)
		return -1;
	if (!target->backend_entry)
		return learn_without_entry(backend, target);
	backend->entry = read_u64(target->backend_entry);
	if (!backend->entry)
		return -1;
	/* until it is filled in, the entry is still that of the slot's last owner */
	if (read_u32(backend->entry + target->entry_procpid) != read_u32(target->proc_pid)) {
		backend->entry = 0;
		return -1;
	}
	type = read_u32(backend->entry + target->entry_backend_type);
	if ((s32)type == target->type_client || (s32)type == target->type_wal_sender)
		backend->kind = KIND_CLIENT;
	else
		backend->kind = KIND_OTHER;
	backend->type = type;
	backend->parallel = target->parallel_worker && (s32)read_u32(target->parallel_worker) >= 0;
	backend->wait_event = read_u64(target->wait_event_info);
	backend->application = read_u64(backend->entry + target->entry_application);
	backend->traced_name = looks_like_context(backend->application);
	backend->database_oid = read_u32(backend->entry + target->entry_database);
	backend->user_oid = read_u32(backend->entry + target->entry_user);
	if (backend->kind == KIND_CLIENT && !backend->socket)
		learn_socket(backend, target);
	/* the user is known only after authentication: look again */
	if (backend->kind == KIND_CLIENT && !backend->user_oid)
		backend->kind = KIND_UNKNOWN;
	return 0;
}

/*
 * Learns what can be learned of a process that has no entry yet, or none any more: only what is no client's backend is
 * known by its type alone.
 */
static __noinline int learn_type(struct backend *backend, const struct target *target)
{
	s32 type;

	if (!backend || !target)
		return -1;
	type = (s32)read_u32(target->backend_type);
	if (type > 0 && type != target->type_client && type != target->type_wal_sender)
		backend->type = type;
	return 0;
}

static __always_inline void know_backend(struct backend *backend, const struct target *target)
{
	if (backend->kind != KIND_UNKNOWN || !learn_backend(backend, target))
		return;
	learn_type(backend, target);
}

/* Not a client's backend, as far as is known. */
static __always_inline bool is_background(const struct backend *backend, const struct target *target)
{
	return backend->kind == KIND_OTHER ||
	       (backend->kind == KIND_UNKNOWN && backend->type && (s32)backend->type != target->type_client &&
		(s32)backend->type != target->type_wal_sender);
}

/* Fields of MyBEEntry, in one read: each costs about as much, whatever its size. */
struct entry_times {
	u64 activity_start;
	u64 state_start;
	u64 activity; /* address of the text */
	s32 state;
};

static __always_inline void read_entry(struct backend *backend, const struct target *target, struct entry_times *out)
{
	u64 *block = backend->entry_block;

	__builtin_memset(out, 0, sizeof(*out));
	out->state = STATE_UNKNOWN;
	if (!backend->entry)
		return;
	if (bpf_probe_read_user(block, ENTRY_BLOCK_BYTES, (void *)(backend->entry + target->entry_activity_start)))
		return;
	out->activity_start = block[0];
	out->state_start = block[1];
	out->activity = block[ENTRY_BLOCK_BYTES / 8 - 1];
	out->state = (s32)block[ENTRY_BLOCK_BYTES / 8 - 3];
}

static __always_inline s32 backend_state(const struct backend *backend, const struct target *target)
{
	if (!backend->entry)
		return STATE_UNKNOWN;
	return (s32)read_u32(backend->entry + target->entry_state);
}

static __always_inline bool state_is_active(const struct target *target, s32 state)
{
	return state == target->state_running || state == target->state_fastpath;
}

/* Sends the names of database and user if they are new. */
static __noinline int publish_identity(struct backend *backend, const struct target *target)
{
	struct identity_key key = {};
	struct identity_event event = {};
	u64 port;
	u8 one = 1;

	if (!backend || !target)
		return -1;
	if (!target->backend_entry) {
		backend->identified = 1; /* without OIDs one name would stand for all databases */
		return 0;
	}
	key.target = backend->target;
	key.database_oid = backend->database_oid;
	key.user_oid = backend->user_oid;
	key.generation = backend->generation;
	backend->identified = 1;
	if (bpf_map_lookup_elem(&known_identities, &key))
		return 0;
	backend->identified = 0; /* unless all goes well, tried again with the next statement */
	port = read_u64(target->port);
	if (!port)
		return -1;
	event.type = EVENT_IDENTITY;
	event.target = key.target;
	event.database_oid = key.database_oid;
	event.user_oid = key.user_oid;
	bpf_probe_read_user_str(event.database, NAME_BYTES, (void *)read_u64(port + target->port_database));
	bpf_probe_read_user_str(event.user, NAME_BYTES, (void *)read_u64(port + target->port_user));
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		return -1;
	backend->identified = 1;
	bpf_map_update_elem(&known_identities, &key, &one, BPF_ANY);
	return 0;
}

#endif
