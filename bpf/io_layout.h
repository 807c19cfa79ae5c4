/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sums of the system calls that work on files: the layouts that kernel and user space share. */
#ifndef PGSCOPE_IO_LAYOUT_H
#define PGSCOPE_IO_LAYOUT_H

#include "tracer.h"

#define MAX_IO	   2048	       /* of a target there are some dozens */
#define IO_FURTHER 0x0affffffU /* the event of calls that found the map full: all that is left of it is its class */

/* The histogram of statements with two neighbours in one: buckets 19 % apart, from 1 µs to 18 min, both ends open. */
#define IO_SCALE   (HISTOGRAM_SCALE - 1)
#define IO_OFFSET  (HISTOGRAM_OFFSET / 2)
#define IO_BUCKETS (HISTOGRAM_BUCKETS / 2)

enum io_operation {
	IO_READ,      /* pread64, preadv */
	IO_WRITE,     /* pwrite64, pwritev */
	IO_ALLOCATE,  /* fallocate */
	IO_WRITEBACK, /* sync_file_range */
	IO_SYNC,      /* fsync, fdatasync */
	IO_RING,      /* io_uring_enter, which submits or waits; what it submits is not known */
	IO_OPERATIONS,
};

struct io_key {
	unsigned int target;
	unsigned int backend_type; /* PostgreSQL's number; 0: not known */
	unsigned int operation;	   /* enum io_operation */
	unsigned int event;	   /* PostgreSQL's wait_event_info when the call began; 0: none, or not known */
};

struct io_value {
	unsigned long long calls; /* with those that failed */
	unsigned long long errors;
	unsigned long long bytes;
	unsigned long long storage_read_bytes; /* that the process asked storage for meanwhile */
	unsigned long long ns;
	unsigned int buckets[IO_BUCKETS];
};

/* The call that a process is in. */
struct io_call {
	unsigned long long begin_ns; /* 0: none whose begin was seen */
	unsigned long long storage_read_bytes;
	unsigned long long bytes; /* that it was asked to work on, where its result does not tell */
	unsigned int event;
	unsigned int operation;
};

#endif
