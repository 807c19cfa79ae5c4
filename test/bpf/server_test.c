// SPDX-License-Identifier: Apache-2.0
/* What is not a postmaster, or only looks like one: refused with a sentence, and without waiting
 * for anything. */
#include "../../bpf/server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void refused(int pid, const char *reason, const char *part)
{
	struct error err = {0};
	struct server server;

	CHECK_EQUAL(server_inspect(pid, &server, &err), -1);
	CHECK_TEXT(err.reason, reason);
	CHECK(strstr(err.message, part));
	CHECK_EQUAL(server.executable_fd, -1);
	if (err.reason && !strstr(err.message, part))
		fprintf(stderr, "%s\n", err.message);
}

/* A process that waits in `directory` until it is ended. */
static pid_t start_in(const char *directory)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe2(ready, O_CLOEXEC) || (pid = fork()) < 0) {
		perror("start_in");
		exit(1);
	}
	if (pid == 0) {
		if (chdir(directory) == 0 && write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ready[1]);
	CHECK_EQUAL(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(text, file) < 0 || fclose(file)) {
		perror(name);
		exit(1);
	}
}

static void test_data_directories(void)
{
	char directory[] = "/tmp/pgscope-server-test-XXXXXX";
	char text[64];
	pid_t pid;

	if (!mkdtemp(directory) || chdir(directory)) {
		perror(directory);
		exit(1);
	}
	pid = start_in(directory);
	write_file("PG_VERSION", "17\n");
	check_case = "no postmaster.pid";
	refused(pid, "NotPostmaster", "postmaster.pid");
	check_case = "postmaster.pid of another process";
	write_file("postmaster.pid", "1234567\n/somewhere\n");
	refused(pid, "NotPostmaster", "1234567");
	check_case = "no number in postmaster.pid";
	write_file("postmaster.pid", "\xff\xfe nothing");
	refused(pid, "NotPostmaster", "postmaster.pid");
	check_case = "its own number, but no PostgreSQL";
	snprintf(text, sizeof(text), "%d\n", pid);
	write_file("postmaster.pid", text);
	refused(pid, "NotPostmaster", "no version text");
	check_case = "a link to its own number";
	CHECK_EQUAL(rename("postmaster.pid", "elsewhere"), 0);
	CHECK_EQUAL(symlink("elsewhere", "postmaster.pid"), 0);
	refused(pid, "NotPostmaster", "postmaster.pid");
	check_case = "a pipe that nobody writes to";
	CHECK_EQUAL(unlink("postmaster.pid"), 0);
	CHECK_EQUAL(mkfifo("postmaster.pid", 0600), 0);
	refused(pid, "NotPostmaster", "postmaster.pid");
	end(pid);

	unlink("postmaster.pid");
	unlink("elsewhere");
	unlink("PG_VERSION");
	CHECK_EQUAL(chdir("/"), 0);
	CHECK_EQUAL(rmdir(directory), 0);
}

static void test_processes(void)
{
	siginfo_t ended;
	pid_t pid;

	check_case = "no such process";
	refused(0, "NoSuchProcess", "PID 0");
	refused(-1, "NoSuchProcess", "PID -1");
	refused(INT_MAX, "NoSuchProcess", "PID 2147483647");
	check_case = "this process";
	refused(getpid(), "NotPostmaster", "no PostgreSQL postmaster");
	check_case = "a process that has ended and is still in the table";
	pid = fork();
	if (pid == 0)
		_exit(0);
	CHECK_EQUAL(waitid(P_PID, pid, &ended, WEXITED | WNOWAIT), 0);
	refused(pid, "NotPostmaster", "has just ended");
	waitpid(pid, NULL, 0);
}

static void test_backends(void)
{
	int pids[2] = {0};
	pid_t first = start_in("/"), second = start_in("/");

	check_case = "children";
	CHECK_EQUAL(server_backends(getpid(), pids, 2), 2);
	CHECK((pids[0] == first && pids[1] == second) || (pids[0] == second && pids[1] == first));
	pids[1] = 0;
	CHECK_EQUAL(server_backends(getpid(), pids, 1), 2);
	CHECK_EQUAL(pids[1], 0);
	CHECK_EQUAL(server_backend_count(getpid()), 2);
	end(first);
	end(second);
	CHECK_EQUAL(server_backends(getpid(), pids, 2), 0);
	CHECK_EQUAL(server_backend_count(getpid()), 0);
	CHECK_EQUAL(server_backend_count(INT_MAX), 0);
}

int main(void)
{
	test_data_directories();
	test_processes();
	test_backends();
	return CHECK_DONE();
}
