// SPDX-License-Identifier: Apache-2.0
/* The servers' executables that tests read: npm's (not stripped), Debian 12's, and Debian 13's once
 * its root is in the cache. */
#ifndef PGSCOPE_BUILDS_H
#define PGSCOPE_BUILDS_H

#include <stdbool.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct build {
	const char *path;
	int major;
	bool stripped, marked; /* marked: functions begin with endbr64 */
	bool optional;
};

static const struct build builds[] = {
	{"node_modules/postgres-13/native/bin/postgres", 13, false, false, false},
	{"node_modules/postgres-14/native/bin/postgres", 14, false, false, false},
	{"node_modules/postgres-15/native/bin/postgres", 15, false, false, false},
	{"node_modules/postgres-16/native/bin/postgres", 16, false, false, false},
	{"node_modules/postgres-17/native/bin/postgres", 17, false, false, false},
	{"node_modules/postgres-18/native/bin/postgres", 18, false, false, false},
	{"/usr/lib/postgresql/15/bin/postgres", 15, true, false, false},
	{"cache/roots/trixie-postgresql-17/usr/lib/postgresql/17/bin/postgres", 17, true, true,
	 true},
};

#define BUILD_COUNT (sizeof(builds) / sizeof(builds[0]))

/* The executable's descriptor, or -1 if an optional one is not there. */
static inline int build_open(const struct build *build)
{
	int fd = open(build->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && !build->optional) {
		fprintf(stderr, "%s is missing: run scripts/setup.sh test\n", build->path);
		exit(1);
	}
	return fd;
}

#endif
