// SPDX-License-Identifier: Apache-2.0
/* The uprobe links of one executable, shared by all targets that run it: one link per real inode
 * and offset. */
#ifndef PGSCOPE_LINKS_H
#define PGSCOPE_LINKS_H

#include "engine.h"
#include "server.h"

enum hook {
	HOOK_STATEMENT,		 /* EndCommand */
	HOOK_ERROR,		 /* EmitErrorReport */
	HOOK_MESSAGE_END,	 /* ReadyForQuery, where nothing cheaper tells */
	HOOK_PORTAL_SUSPENDED,	 /* a call inside of PostgresMain */
	HOOK_PARALLEL_WORKER,	 /* InstrEndParallelQuery */
	HOOK_LOCK_WAIT,		 /* ProcSleep */
	HOOK_APPLICATION_NAME,	 /* pgstat_report_appname */
	HOOK_PREPARED,		 /* StorePreparedStatement, once a prepared statement had a trace context */
	HOOK_ANALYZE,		 /* parse_analyze, parse_analyze_fixedparams */
	HOOK_ANALYZE_VARPARAMS,	 /* parse_analyze_varparams */
	HOOK_PLAN,		 /* standard_planner */
	HOOK_PORTAL_START,	 /* PortalStart */
	HOOK_COMMIT,		 /* CommitTransactionCommand */
	HOOK_SPI,		 /* SPI_connect, to see whether functions and triggers run statements */
	HOOK_SPI_EXT,		 /* SPI_connect_ext, for the same */
	HOOK_SQL_FUNCTION,	 /* fmgr_sql, for the same */
	HOOK_NESTED_START,	 /* standard_ExecutorStart, once they do */
	HOOK_NESTED_END,	 /* standard_ExecutorEnd */
	HOOK_STATEMENT_WITNESS,	 /* PortalRun, to see whether EndCommand follows */
	HOOK_STATEMENT_FALLBACK, /* PortalRun */
	HOOK_ERROR_FALLBACK,	 /* AbortCurrentTransaction */
	HOOK_COUNT,
};

/* Hooks that are attached as long as a target needs them. */
enum hook_group {
	HOOKS_OF_PHASES,
	HOOKS_BEFORE_NESTED, /* until a function runs a statement */
	HOOKS_OF_NESTED,     /* from then on */
	HOOK_GROUPS,
};

/* What is known of a hook that has a replacement. */
enum hook_trust {
	HOOK_UNPROVEN,	/* it has not fired yet */
	HOOK_WITNESSED, /* nor then; what it should have seen is looked at */
	HOOK_REPLACED,	/* it is silent; its replacement counts, and it stays attached to tell if that was wrong */
	HOOK_SETTLED,	/* it fires; or nothing can be done about it */
};

struct executable_links {
	unsigned int cookie; /* 0: unused */
	unsigned int users;
	dev_t device;
	ino_t inode;
	unsigned int group_users[HOOK_GROUPS];
	enum hook_trust statement_trust;
	enum hook_trust error_trust;
	struct bpf_link *links[HOOK_COUNT][2]; /* entry, return */
	char failure[HOOK_COUNT][128];
};

const char *hook_function(enum hook hook);
const char *hook_role(enum hook hook);
/* Where a hook goes; not `present` if this server has no such place. */
void hook_site(const struct server *server, enum hook hook, struct function_site *out);

/* The links of the server's executable, attached if they are not yet. NULL: err says why. */
struct executable_links *links_use(struct engine *engine, const struct server *server, struct error *err);
void links_release(struct executable_links *links);

/* Attaches the group's hooks if nobody uses them yet; what fails is in links->failure. */
void links_use_group(struct engine *engine, struct executable_links *links, const struct server *server,
		     enum hook_group group);
void links_release_group(struct executable_links *links, enum hook_group group);

/* Attaches one more hook, or takes one away. 0, or -1 with links->failure[hook] set. */
int links_attach(struct engine *engine, struct executable_links *links, const struct server *server, enum hook hook);
void links_detach(struct executable_links *links, enum hook hook);

#endif
