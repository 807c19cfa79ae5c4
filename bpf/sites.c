// SPDX-License-Identifier: Apache-2.0
/* Which names are looked for, and what is lost without each of them. */
#include "sites.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "getter.h"

#define SITE_COUNT	 (FUNCTION_COUNT + VARIABLE_COUNT)
#define CODE_BYTES	 256 /* of a function that are looked at */
#define ERROR_STACK_SIZE 5   /* elements of errordata */

struct wanted {
	const char *name;
	const char *lost; /* what is unknown without it; NULL: nothing works */
};

static const struct wanted functions[FUNCTION_COUNT] = {
	[FUNCTION_END_COMMAND] = {"EndCommand", NULL},
	[FUNCTION_READY_FOR_QUERY] = {"ReadyForQuery", NULL},
	[FUNCTION_EMIT_ERROR_REPORT] = {"EmitErrorReport", "failed statements"},
	[FUNCTION_ABORT_CURRENT_TRANSACTION] = {"AbortCurrentTransaction",
						"failed statements, should EmitErrorReport stay silent"},
	[FUNCTION_INSTR_END_PARALLEL_QUERY] = {"InstrEndParallelQuery", "work of parallel workers"},
	[FUNCTION_PORTAL_RUN] = {"PortalRun", "statements, should EndCommand stay silent"},
	[FUNCTION_STORE_PREPARED_STATEMENT] = {"StorePreparedStatement",
					       "trace contexts of prepared statements that are parsed anew"},
	[FUNCTION_PROC_SLEEP] = {"ProcSleep", "modes of locks that are waited for, and who holds them"},
	[FUNCTION_PARSE_ANALYZE] = {"parse_analyze_fixedparams", "phases before planning, in the simple protocol"},
	[FUNCTION_PARSE_ANALYZE_VARPARAMS] = {"parse_analyze_varparams",
					      "phases before planning, in the extended protocol"},
	[FUNCTION_PLANNER] = {"standard_planner", "the phase of planning"},
	[FUNCTION_PORTAL_START] = {"PortalStart", "the phase of execution"},
	[FUNCTION_COMMIT] = {"CommitTransactionCommand", "the phase of the commit"},
	[FUNCTION_EXECUTOR_START] = {"standard_ExecutorStart", "statements of functions and triggers"},
	[FUNCTION_EXECUTOR_END] = {"standard_ExecutorEnd", "the time of statements of functions and triggers"},
	[FUNCTION_SPI_CONNECT] = {"SPI_connect", "whether triggers run statements"},
	[FUNCTION_SPI_CONNECT_EXT] = {"SPI_connect_ext", "whether functions run statements"},
	[FUNCTION_SQL_FUNCTION] = {"fmgr_sql", "whether functions in SQL run statements"},
	[FUNCTION_REPORT_APPNAME] = {"pgstat_report_appname", "trace contexts that arrive as application_name"},
};

static const struct wanted variables[VARIABLE_COUNT] = {
	[VARIABLE_DEBUG_QUERY_STRING] = {"debug_query_string", NULL},
	[VARIABLE_BUFFER_USAGE] = {"pgBufferUsage", NULL},
	[VARIABLE_WAL_USAGE] = {"pgWalUsage", NULL},
	[VARIABLE_PORT] = {"MyProcPort", NULL},
	[VARIABLE_BACKEND_ENTRY] = {"MyBEEntry",
				    "database, user, application, client address, query id and state of its sessions"},
	[VARIABLE_WAIT_EVENT_INFO] = {"my_wait_event_info",
				      "wait events, and which kinds of files are read and written,"},
	[VARIABLE_PROC_PID] = {"MyProcPid", NULL},
	[VARIABLE_BACKEND_TYPE] = {"MyBackendType", NULL},
	[VARIABLE_WHERE_TO_SEND_OUTPUT] = {"whereToSendOutput", NULL},
	[VARIABLE_PROCESS] = {"MyProc", "who waits for a lock at this time"},
	[VARIABLE_PARALLEL_WORKER] = {"ParallelWorkerNumber", "which background work is a parallel worker's"},
	[VARIABLE_MESSAGE_CONTEXT] = {"MessageContext", "which portal goes on and which prepared statement runs again"},
};

__attribute__((format(printf, 2, 3))) static void add_missing(struct server *server, const char *fmt, ...)
{
	va_list args;

	if (server->missing_count == SERVER_MAX_MISSING)
		return;
	va_start(args, fmt);
	vsnprintf(server->missing[server->missing_count++], sizeof(server->missing[0]), fmt, args);
	va_end(args);
}

static const uint8_t *code_at(const struct elf *elf, uint64_t vaddr, size_t *size)
{
	const uint8_t *code = elf_at(elf, vaddr, size);

	if (*size > CODE_BYTES)
		*size = CODE_BYTES;
	return code;
}

static void set_function(const struct elf *elf, const struct elf_symbol *symbol, struct function_site *site)
{
	size_t size;
	const uint8_t *code = code_at(elf, symbol->vaddr, &size);

	site->name = symbol->name;
	if (symbol->kind != ELF_FUNCTION || !symbol->file_offset || !code)
		return;
	site->present = true;
	site->size = symbol->size;
	site->file_offset = symbol->file_offset;
	instruction_classify(elf->instructions, code, size, symbol->vaddr, &site->instruction);
	site->attach_offset = site->file_offset + site->instruction.skip;
}

static void set_variable(const struct elf_symbol *symbol, uint64_t load_bias, struct variable_site *site)
{
	site->name = symbol->name;
	if (symbol->kind != ELF_OBJECT)
		return;
	site->address = symbol->vaddr + load_bias;
	site->size = symbol->size;
}

/* Sentences for what is absent; an error if nothing works without it. */
static int report_absent(struct server *server, struct error *err)
{
	for (unsigned int i = 0; i < SITE_COUNT; i++) {
		bool function = i < FUNCTION_COUNT;
		unsigned int j = function ? i : i - FUNCTION_COUNT;
		const struct wanted *wanted = function ? &functions[j] : &variables[j];

		if (function ? server->functions[j].present : server->variables[j].address != 0)
			continue;
		if (!wanted->lost)
			return error_set(err, "MissingSymbols",
					 "%s (PostgreSQL %s, PID %d) does not export %s, so its "
					 "statements cannot be observed; "
					 "was it linked without its dynamic symbols? Every usual "
					 "build of PostgreSQL has them",
					 server->executable, server->version, server->pid, wanted->name);
		add_missing(server, "PostgreSQL %s does not export %s: %s cannot be told", server->version,
			    function ? server->functions[j].name : wanted->name, wanted->lost);
	}
	return 0;
}

/* Whether `size` bytes at a virtual address are memory of the program that it may write to. */
static bool is_variable_memory(const struct elf *elf, uint64_t vaddr, uint64_t size)
{
	for (unsigned int i = 0; i < elf->segment_count; i++) {
		const struct elf_segment *segment = &elf->segments[i];

		if (segment->writable && vaddr >= segment->vaddr && vaddr - segment->vaddr < segment->memory_size &&
		    size <= segment->memory_size - (vaddr - segment->vaddr))
			return true;
	}
	return false;
}

static void find_error_stack(const struct elf *elf, struct server *server)
{
	struct error_stack *stack = &server->error_stack;
	struct elf_symbol symbol = {.name = "geterrcode"};
	const uint8_t *code;
	struct error err;
	size_t size;

	if (!elf_find_symbols(elf, &symbol, 1) || symbol.kind != ELF_FUNCTION ||
	    !(code = code_at(elf, symbol.vaddr, &size))) {
		add_missing(server, "PostgreSQL %s does not export geterrcode: failed statements are not counted",
			    server->version);
		return;
	}
	if (elf->instructions != INSTRUCTIONS_X86_64) {
		add_missing(server, "failed statements are not counted: on arm64 pgscope cannot find where the "
				    "server keeps its errors");
		return;
	}
	if (error_stack_decode(code, size, symbol.vaddr, stack, &err)) {
		add_missing(server, "failed statements are not counted: %.200s", err.message);
		return;
	}
	if (!is_variable_memory(elf, stack->depth_address, sizeof(int)) ||
	    !is_variable_memory(elf, stack->array_address, (uint64_t)stack->element_size * ERROR_STACK_SIZE)) {
		add_missing(server, "failed statements are not counted: geterrcode shows errors at an address "
				    "that is no variable");
		*stack = (struct error_stack){0};
		return;
	}
	stack->depth_address += server->load_bias;
	stack->array_address += server->load_bias;
	server->has_error_stack = true;
}

/* When the last message that may run something began: what that message has not shown yet has no text. */
static void find_statement_start(const struct elf *elf, struct server *server)
{
	struct elf_symbol symbol = {.name = "GetCurrentStatementStartTimestamp"};
	const uint8_t *code;
	uint64_t vaddr = 0;
	size_t size;

	elf_find_symbols(elf, &symbol, 1);
	if (elf->instructions == INSTRUCTIONS_X86_64 && symbol.kind == ELF_FUNCTION &&
	    (code = code_at(elf, symbol.vaddr, &size)))
		vaddr = getter_variable(code, size, symbol.vaddr);
	if (vaddr && is_variable_memory(elf, vaddr, sizeof(int64_t))) {
		server->statement_start = vaddr + server->load_bias;
		return;
	}
	add_missing(
		server,
		"PostgreSQL %s as it is built here does not show when a message begins: an error behind a statement "
		"that "
		"has run in the same message counts as that statement's failed commit",
		server->version);
}

static void find_portal_site(const struct elf *elf, struct server *server)
{
	struct elf_symbol symbols[] = {{.name = "pq_putemptymessage"}, {.name = "EndCommand"}};

	elf_find_symbols(elf, symbols, 2);
	if (!portal_site_find(elf, symbols[0].vaddr, symbols[1].vaddr, &server->portal_suspended))
		add_missing(server,
			    "PostgreSQL %s as it is built here does not show where a portal is suspended: a statement "
			    "whose rows "
			    "are fetched in parts counts when its last part has been fetched, with that part's rows",
			    server->version);
}

int sites_find(const struct elf *elf, struct server *server, struct error *err)
{
	struct elf_symbol symbols[SITE_COUNT] = {0};

	for (unsigned int i = 0; i < FUNCTION_COUNT; i++)
		symbols[i].name = functions[i].name;
	if (server->major < 15)
		symbols[FUNCTION_PARSE_ANALYZE].name = "parse_analyze";
	for (unsigned int i = 0; i < VARIABLE_COUNT; i++)
		symbols[FUNCTION_COUNT + i].name = variables[i].name;
	elf_find_symbols(elf, symbols, SITE_COUNT);
	for (unsigned int i = 0; i < FUNCTION_COUNT; i++)
		set_function(elf, &symbols[i], &server->functions[i]);
	for (unsigned int i = 0; i < VARIABLE_COUNT; i++)
		set_variable(&symbols[FUNCTION_COUNT + i], server->load_bias, &server->variables[i]);
	if (report_absent(server, err))
		return -1;
	find_error_stack(elf, server);
	find_statement_start(elf, server);
	find_portal_site(elf, server);
	return 0;
}
