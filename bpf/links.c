// SPDX-License-Identifier: Apache-2.0
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "links.h"
#include "output.h"
#include "tracer.h"

static struct executable_links all[MAX_TARGETS];
static unsigned int next_cookie = 1;

static const struct {
	enum server_function function;
	const char *role;
} hooks[HOOK_COUNT] = {
	[HOOK_STATEMENT] = {FUNCTION_END_COMMAND, "completed statements"},
	[HOOK_ERROR] = {FUNCTION_EMIT_ERROR_REPORT, "failed statements"},
	[HOOK_MESSAGE_END] = {FUNCTION_READY_FOR_QUERY, "end of message"},
	[HOOK_PORTAL_SUSPENDED] = {FUNCTION_COUNT, "statements fetched in parts"},
	[HOOK_PARALLEL_WORKER] = {FUNCTION_INSTR_END_PARALLEL_QUERY, "parallel workers"},
	[HOOK_LOCK_WAIT] = {FUNCTION_PROC_SLEEP, "waits for locks and who blocks"},
	[HOOK_APPLICATION_NAME] = {FUNCTION_REPORT_APPNAME, "trace contexts in application_name"},
	[HOOK_PREPARED] = {FUNCTION_STORE_PREPARED_STATEMENT, "prepared statements that are parsed anew"},
	[HOOK_ANALYZE] = {FUNCTION_PARSE_ANALYZE, "phases: parse and analyze"},
	[HOOK_ANALYZE_VARPARAMS] = {FUNCTION_PARSE_ANALYZE_VARPARAMS, "phases: parse and analyze"},
	[HOOK_PLAN] = {FUNCTION_PLANNER, "phases: plan"},
	[HOOK_PORTAL_START] = {FUNCTION_PORTAL_START, "phases: bind and execute"},
	[HOOK_COMMIT] = {FUNCTION_COMMIT, "phases: commit"},
	[HOOK_SPI] = {FUNCTION_SPI_CONNECT, "whether functions run statements"},
	[HOOK_SPI_EXT] = {FUNCTION_SPI_CONNECT_EXT, "whether functions run statements"},
	[HOOK_SQL_FUNCTION] = {FUNCTION_SQL_FUNCTION, "whether functions run statements"},
	[HOOK_NESTED_START] = {FUNCTION_EXECUTOR_START, "statements of functions and triggers"},
	[HOOK_NESTED_END] = {FUNCTION_EXECUTOR_END, "statements of functions and triggers"},
	[HOOK_STATEMENT_WITNESS] = {FUNCTION_PORTAL_RUN, "completed statements"},
	[HOOK_STATEMENT_FALLBACK] = {FUNCTION_PORTAL_RUN, "completed statements"},
	[HOOK_ERROR_FALLBACK] = {FUNCTION_ABORT_CURRENT_TRANSACTION, "failed statements"},
};

static const char *const function_names[FUNCTION_COUNT] = {
	[FUNCTION_END_COMMAND] = "EndCommand",
	[FUNCTION_READY_FOR_QUERY] = "ReadyForQuery",
	[FUNCTION_EMIT_ERROR_REPORT] = "EmitErrorReport",
	[FUNCTION_ABORT_CURRENT_TRANSACTION] = "AbortCurrentTransaction",
	[FUNCTION_INSTR_END_PARALLEL_QUERY] = "InstrEndParallelQuery",
	[FUNCTION_PORTAL_RUN] = "PortalRun",
	[FUNCTION_PROC_SLEEP] = "ProcSleep",
	[FUNCTION_REPORT_APPNAME] = "pgstat_report_appname",
	[FUNCTION_STORE_PREPARED_STATEMENT] = "StorePreparedStatement",
	[FUNCTION_PARSE_ANALYZE] = "parse_analyze_fixedparams",
	[FUNCTION_PARSE_ANALYZE_VARPARAMS] = "parse_analyze_varparams",
	[FUNCTION_PLANNER] = "standard_planner",
	[FUNCTION_PORTAL_START] = "PortalStart",
	[FUNCTION_COMMIT] = "CommitTransactionCommand",
	[FUNCTION_EXECUTOR_START] = "standard_ExecutorStart",
	[FUNCTION_EXECUTOR_END] = "standard_ExecutorEnd",
	[FUNCTION_SPI_CONNECT] = "SPI_connect",
	[FUNCTION_SPI_CONNECT_EXT] = "SPI_connect_ext",
	[FUNCTION_SQL_FUNCTION] = "fmgr_sql",
};

const char *hook_function(enum hook hook)
{
	if (hook == HOOK_PORTAL_SUSPENDED)
		return "PortalSuspended";
	return function_names[hooks[hook].function];
}

const char *hook_role(enum hook hook)
{
	return hooks[hook].role;
}

void hook_site(const struct server *server, enum hook hook, struct function_site *out)
{
	if (hook != HOOK_PORTAL_SUSPENDED) {
		*out = server->functions[hooks[hook].function];
		return;
	}
	*out = (struct function_site){
		.present = server->portal_suspended.present,
		.file_offset = server->portal_suspended.file_offset,
		.attach_offset = server->portal_suspended.file_offset,
		.instruction = {.mnemonic = "call", .cheap = true},
	};
}

static struct bpf_program *program_of(struct engine *engine, enum hook hook, bool ret)
{
	switch (hook) {
	case HOOK_STATEMENT:
		return engine->skel->progs.end_command;
	case HOOK_ERROR:
		return engine->skel->progs.emit_error_report;
	case HOOK_ERROR_FALLBACK:
		return engine->skel->progs.abort_current_transaction;
	case HOOK_MESSAGE_END:
		return engine->skel->progs.ready_for_query;
	case HOOK_PORTAL_SUSPENDED:
		return engine->skel->progs.portal_suspended;
	case HOOK_LOCK_WAIT:
		return engine->skel->progs.proc_sleep;
	case HOOK_APPLICATION_NAME:
		return engine->skel->progs.report_appname;
	case HOOK_PREPARED:
		return engine->skel->progs.store_prepared_statement;
	case HOOK_PARALLEL_WORKER:
		return engine->skel->progs.instr_end_parallel_query;
	case HOOK_ANALYZE:
	case HOOK_ANALYZE_VARPARAMS:
		return engine->skel->progs.analyze;
	case HOOK_PLAN:
		return engine->skel->progs.plan;
	case HOOK_PORTAL_START:
		return engine->skel->progs.portal_start;
	case HOOK_COMMIT:
		return engine->skel->progs.commit;
	case HOOK_SPI:
	case HOOK_SPI_EXT:
	case HOOK_SQL_FUNCTION:
		return engine->skel->progs.function_called;
	case HOOK_NESTED_START:
		return engine->skel->progs.nested_start;
	case HOOK_NESTED_END:
		return engine->skel->progs.nested_end;
	case HOOK_STATEMENT_WITNESS:
		return ret ? engine->skel->progs.portal_run_witnessed : engine->skel->progs.portal_run;
	case HOOK_STATEMENT_FALLBACK:
		return ret ? engine->skel->progs.portal_run_end : engine->skel->progs.portal_run;
	default:
		return NULL;
	}
}

/* By file offset: libbpf 1.4 does not find symbol names for uprobe.multi, and the executable may be
 * in another mount namespace. */
static struct bpf_link *attach_one(struct engine *engine, struct bpf_program *program, const char *path,
				   unsigned long offset, uint64_t cookie, bool ret)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, multi, .offsets = &offset, .cookies = (const __u64 *)&cookie, .cnt = 1,
		    .retprobe = ret);
	LIBBPF_OPTS(bpf_uprobe_opts, single, .bpf_cookie = cookie, .retprobe = ret);

	if (engine->uprobe_multi)
		return bpf_program__attach_uprobe_multi(program, -1, path, NULL, &multi);
	return bpf_program__attach_uprobe_opts(program, -1, path, offset, &single);
}

int links_attach(struct engine *engine, struct executable_links *links, const struct server *server, enum hook hook)
{
	struct function_site site;
	int count = hook == HOOK_STATEMENT_WITNESS || hook == HOOK_STATEMENT_FALLBACK ? 2 : 1;
	char path[64];

	hook_site(server, hook, &site);
	if (!site.present) {
		snprintf(links->failure[hook], sizeof(links->failure[hook]), "this executable does not export %s",
			 hook_function(hook));
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", server->executable_fd);
	/* the return first: an entry without its return would count nothing */
	for (int ret = count - 1; ret >= 0; ret--) {
		/* a return probe sits on the function's begin, even if that is endbr64 */
		unsigned long offset = ret ? site.file_offset : site.attach_offset;

		links->links[hook][ret] =
			attach_one(engine, program_of(engine, hook, ret), path, offset, links->cookie, ret);
		if (links->links[hook][ret])
			continue;
		snprintf(links->failure[hook], sizeof(links->failure[hook]), "the kernel refused it: %s",
			 strerror(errno));
		links_detach(links, hook);
		return -1;
	}
	return 0;
}

void links_detach(struct executable_links *links, enum hook hook)
{
	for (int i = 0; i < 2; i++) {
		bpf_link__destroy(links->links[hook][i]);
		links->links[hook][i] = NULL;
	}
}

static const struct {
	enum hook first, last;
} groups[HOOK_GROUPS] = {
	[HOOKS_OF_PHASES] = {HOOK_ANALYZE, HOOK_COMMIT},
	[HOOKS_BEFORE_NESTED] = {HOOK_SPI, HOOK_SQL_FUNCTION},
	[HOOKS_OF_NESTED] = {HOOK_NESTED_START, HOOK_NESTED_END},
};

void links_use_group(struct engine *engine, struct executable_links *links, const struct server *server,
		     enum hook_group group)
{
	if (links->group_users[group]++)
		return;
	for (enum hook hook = groups[group].first; hook <= groups[group].last; hook++)
		if (links_attach(engine, links, server, hook))
			log_line("pgscope-tracer: no probe on %s of %s: %s", hook_function(hook), server->executable,
				 links->failure[hook]);
}

void links_release_group(struct executable_links *links, enum hook_group group)
{
	if (--links->group_users[group])
		return;
	for (enum hook hook = groups[group].first; hook <= groups[group].last; hook++)
		links_detach(links, hook);
}

static struct executable_links *find(const struct server *server)
{
	struct executable_links *unused = NULL;

	for (int i = 0; i < MAX_TARGETS; i++) {
		if (!all[i].cookie)
			unused = unused ? unused : &all[i];
		else if (all[i].device == server->device && all[i].inode == server->inode)
			return &all[i];
	}
	return unused;
}

struct executable_links *links_use(struct engine *engine, const struct server *server, struct error *err)
{
	struct executable_links *links = find(server);

	if (!links) {
		error_set(err, "TooManyTargets", "no room for the links of another executable");
		return NULL;
	}
	if (links->users++)
		return links;
	memset(links, 0, sizeof(*links));
	links->users = 1;
	links->cookie = next_cookie++;
	links->device = server->device;
	links->inode = server->inode;
	if (links_attach(engine, links, server, HOOK_STATEMENT)) {
		error_set(err, "AttachFailed", "no probe on %s of %s: %s", hook_function(HOOK_STATEMENT),
			  server->executable, links->failure[HOOK_STATEMENT]);
		links_release(links);
		return NULL;
	}
	links_attach(engine, links, server, HOOK_ERROR);
	links_attach(engine, links, server, HOOK_PARALLEL_WORKER);
	links_attach(engine, links, server, HOOK_APPLICATION_NAME);
	links_attach(engine, links, server, HOOK_LOCK_WAIT);
	if (server->portal_suspended.present)
		links_attach(engine, links, server, HOOK_PORTAL_SUSPENDED);
	/* without an entry of the backend nothing but this tells the end of a message */
	if (engine->sockets == SOCKETS_COUNTERS || !server->variables[VARIABLE_BACKEND_ENTRY].address)
		links_attach(engine, links, server, HOOK_MESSAGE_END);
	return links;
}

void links_release(struct executable_links *links)
{
	if (--links->users)
		return;
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		links_detach(links, hook);
	links->cookie = 0;
}
