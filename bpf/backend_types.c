// SPDX-License-Identifier: Apache-2.0
/*
 * PostgreSQL's numbers of backend types, in the order of each version's enum BackendType, with the names that
 * pg_stat_activity shows. Source: miscadmin.h and miscinit.c.
 */
#include <stddef.h>

#include "layout.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const types_13[] = {
	NULL,
	"autovacuum launcher",
	"autovacuum worker",
	"client backend",
	"background worker",
	"background writer",
	"checkpointer",
	"startup",
	"walreceiver",
	"walsender",
	"walwriter",
	"archiver",
	"stats collector",
	"logger",
};

static const char *const types_15[] = {
	NULL,
	"autovacuum launcher",
	"autovacuum worker",
	"client backend",
	"background worker",
	"background writer",
	"checkpointer",
	"startup",
	"walreceiver",
	"walsender",
	"walwriter",
	"archiver",
	"logger",
};

static const char *const types_16[] = {
	NULL,
	"archiver",
	"autovacuum launcher",
	"autovacuum worker",
	"client backend",
	"background worker",
	"background writer",
	"checkpointer",
	"logger",
	"standalone backend",
	"startup",
	"walreceiver",
	"walsender",
	"walwriter",
};

static const char *const types_17[] = {
	NULL,		"client backend",  "autovacuum launcher", "autovacuum worker", "background worker",
	"walsender",	"slotsync worker", "standalone backend",  "archiver",	       "background writer",
	"checkpointer", "startup",	   "walreceiver",	  "walsummarizer",     "walwriter",
	"logger",
};

static const char *const types_18[] = {
	NULL,
	"client backend",
	"dead-end client backend",
	"autovacuum launcher",
	"autovacuum worker",
	"background worker",
	"walsender",
	"slotsync worker",
	"standalone backend",
	"archiver",
	"background writer",
	"checkpointer",
	"io worker",
	"startup",
	"walreceiver",
	"walsummarizer",
	"walwriter",
	"logger",
};

const char *backend_type_name(int major, uint32_t type)
{
	static const struct {
		const char *const *names;
		uint32_t count;
	} tables[] = {
		{types_13, COUNT(types_13)}, {types_13, COUNT(types_13)}, {types_15, COUNT(types_15)},
		{types_16, COUNT(types_16)}, {types_17, COUNT(types_17)}, {types_18, COUNT(types_18)},
	};
	int index = (major > LAYOUT_NEWEST_MAJOR ? LAYOUT_NEWEST_MAJOR : major) - LAYOUT_OLDEST_MAJOR;

	if (index < 0 || type >= tables[index].count)
		return NULL;
	return tables[index].names[type];
}
