/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The few kernel types that the programs read, by hand instead of a generated vmlinux.h: only the
 * fields that are used; CO-RE relocates each access to the running kernel's own layout.
 */
#ifndef PGSCOPE_KERNEL_H
#define PGSCOPE_KERNEL_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;
typedef unsigned long size_t;
#define true  1
#define false 0
#define NULL  ((void *)0)

/* enum bpf_map_type, flags: user-space API, fixed */
#define BPF_MAP_TYPE_HASH	       1
#define BPF_MAP_TYPE_ARRAY	       2
#define BPF_MAP_TYPE_PERCPU_ARRAY      6
#define BPF_MAP_TYPE_LRU_HASH	       9
#define BPF_MAP_TYPE_RINGBUF	       27
#define BPF_MAP_TYPE_TASK_STORAGE      29
#define BPF_F_NO_PREALLOC	       1
#define PF_EXITING		       4
#define BPF_ANY			       0
#define BPF_NOEXIST		       1
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sched_info {
	unsigned long long run_delay;
	unsigned long long last_arrival;
};

struct sched_entity {
	u64 sum_exec_runtime;
};

struct task_io_accounting {
	u64 read_bytes;
	u64 write_bytes;
};

struct sock_common {
	unsigned short skc_family;
	volatile unsigned char skc_state;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
};

/* tcp_sock begins with its sock; received and sent are payload bytes */
struct tcp_sock {
	u64 bytes_received;
	u64 bytes_sent;
	u32 srtt_us; /* smoothed round-trip time, in eighths of a µs */
};

struct socket {
	struct sock *sk;
};

struct msghdr;

struct file {
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	u64 start_time;
	struct mm_struct *mm;
	unsigned long min_flt;
	unsigned long maj_flt;
	struct task_io_accounting ioac;
	struct sched_info sched_info;
	struct sched_entity se;
	struct files_struct *files;
	unsigned in_iowait : 1;
};

#ifdef __TARGET_ARCH_x86
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
};
struct pt_regs {
	struct user_pt_regs user_regs;
};
#endif

#pragma clang attribute pop

#endif
