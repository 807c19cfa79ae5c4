// SPDX-License-Identifier: Apache-2.0
/*
 * What a system call takes: preads of 8 KB from the page cache, and getppid, which is on no file. As a program for a
 * process of no target; as a library for one of a target: PostgreSQL's LOAD runs it before it finds that it is none of
 * its modules. Prints nanoseconds per call.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 200000

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1e9 + at.tv_nsec;
}

static void measure(const char *file, FILE *out)
{
	static char page[8192];
	int fd = open(file, O_RDONLY);
	double begin = now(), middle;

	for (int i = 0; i < CALLS; i++)
		if (pread(fd, page, sizeof(page), 0) < 0)
			exit(1);
	middle = now();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	fprintf(out, "{\"pread\":%.1f,\"getppid\":%.1f}\n", (middle - begin) / CALLS, (now() - middle) / CALLS);
	close(fd);
}

#ifdef LIBRARY
__attribute__((constructor)) static void loaded(void)
{
	FILE *out = fopen("file_loop.out", "a"); /* in the data directory */

	if (!out)
		return;
	measure("PG_VERSION", out);
	fclose(out);
}
#else
int main(int argc, char **argv)
{
	measure(argv[argc - 1], stdout);
	return 0;
}
#endif
