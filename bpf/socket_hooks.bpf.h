/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The programs behind sends and receives of the client's socket: bytes, and where messages begin and end. From
 * Linux 6.3 on there are tracepoints; before, on x86, the functions of TCP and Unix sockets, which are called by
 * pointer and so never inlined.
 */
#ifndef PGSCOPE_SOCKET_HOOKS_BPF_H
#define PGSCOPE_SOCKET_HOOKS_BPF_H

#define MSG_PEEK 2

/* An answer that leaves in a state that is not active is ReadyForQuery's: the message is over. */
static __noinline int socket_sent(u64 socket, int bytes)
{
	struct backend *backend = current_backend();
	struct entry_times entry;
	struct target *target;

	if (!backend || backend->kind == KIND_OTHER || bytes <= 0)
		return 0;
	target = target_of(backend);
	if (!target)
		return 0;
	if (target->level != LEVEL_WAITS)
		know_backend(backend, target);
	if (backend->socket != socket)
		return 0;
	backend->sent_bytes += bytes;
	if (target->level == LEVEL_WAITS)
		return 0;
	read_entry(backend, target, &entry);
	if (state_is_active(target, entry.state))
		return 0;
	if (!backend->entry && !backend->ended_ns && backend->answered)
		return 0; /* a state is not known, but ReadyForQuery is */
	if (entry.state == target->state_disabled) {
		if (!backend->ended_ns && !backend->pending.state && backend->identified)
			return 0; /* part of an answer; before the first statement, it greets the client */
		if (!backend->ended_ns)
			count_disabled(backend);
	}
	message_ended(backend, target, &entry, bpf_ktime_get_ns());
	return 0;
}

/* The first bytes since the last message: that is when the next one begins, whatever the scheduler did before. */
static __always_inline void socket_received(u64 socket, int bytes, int flags)
{
	struct backend *backend;

	if (bytes <= 0 || (flags & MSG_PEEK))
		return;
	backend = current_backend();
	if (!backend || backend->socket != socket)
		return;
	if (!backend->pending.state && backend->answered && backend->received_bytes == backend->received_before) {
		u64 now = bpf_ktime_get_ns();

		message_open(backend, now, now);
	}
	backend->received_bytes += bytes;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sock_send_length, struct sock *sk, int ret, int flags)
{
	socket_sent((u64)sk, ret);
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(sock_recv_length, struct sock *sk, int ret, int flags)
{
	socket_received((u64)sk, ret, flags);
	return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(tcp_sent, struct sock *sk, struct msghdr *message, size_t size, int ret)
{
	socket_sent((u64)sk, ret);
	return 0;
}

SEC("fexit/tcp_recvmsg")
int BPF_PROG(tcp_received, struct sock *sk, struct msghdr *message, size_t size, int flags, int *address_length,
	     int ret)
{
	socket_received((u64)sk, ret, flags);
	return 0;
}

SEC("fexit/unix_stream_sendmsg")
int BPF_PROG(unix_sent, struct socket *socket, struct msghdr *message, size_t size, int ret)
{
	socket_sent((u64)socket->sk, ret);
	return 0;
}

SEC("fexit/unix_stream_recvmsg")
int BPF_PROG(unix_received, struct socket *socket, struct msghdr *message, size_t size, int flags, int ret)
{
	socket_received((u64)socket->sk, ret, flags);
	return 0;
}

#endif
