// SPDX-License-Identifier: Apache-2.0
#include "target_value.h"

#define NS_PER_SECOND 1000000000ULL

static uint64_t address_of(const struct server *server, enum server_variable variable)
{
	return server->variables[variable].address;
}

static unsigned short offset_or_zero(uint16_t offset)
{
	return offset == LAYOUT_NONE ? 0 : offset;
}

/* The commands whose number of rows is one; EXPLAIN, SHOW and MOVE count lines or positions. */
static const char *const row_tags[ROW_TAGS] = {"SELECT", "INSERT", "UPDATE", "DELETE",
					       "MERGE",	 "COPY",   "FETCH",  "REFRESH MATERIALIZED VIEW"};

/* They end their transaction, ROLLBACK TO its subtransaction. */
static const char *const end_tags[END_TAGS] = {"COMMIT", "ROLLBACK", "PREPARE TRANSACTION"};

static void fill_layout(struct target *out, const struct server *server)
{
	const struct server_layout *layout = &server->layout;
	const struct backend_entry_layout *entry = &layout->backend_entry;

	out->io_time_timespec = layout->buffer_usage.time_unit == IO_TIME_TIMESPEC;
	for (int i = 0; i < IO_TIMES; i++) {
		out->read_times[i] = offset_or_zero(layout->buffer_usage.read_times[i]);
		out->write_times[i] = offset_or_zero(layout->buffer_usage.write_times[i]);
	}
	out->entry_procpid = entry->procpid;
	out->entry_backend_type = entry->backend_type;
	out->entry_activity_start = entry->activity_start;
	out->entry_state_start = entry->state_start;
	out->entry_database = entry->database_oid;
	out->entry_user = entry->user_oid;
	out->entry_client_address = entry->client_address;
	out->entry_xact_start = entry->xact_start;
	out->entry_state = entry->state;
	out->entry_application = entry->application;
	out->entry_activity = entry->activity;
	out->entry_query_id = offset_or_zero(entry->query_id);
	out->port_socket = layout->port.socket;
	out->port_database = layout->port.database_name;
	out->port_user = layout->port.user_name;
	out->portal_run_arguments = server->major >= 18 ? 6 : 7;
	out->state_running = layout->states.running;
	out->state_fastpath = layout->states.fastpath;
	out->state_aborted = layout->states.idle_in_aborted;
	out->state_disabled = layout->states.disabled;
	out->type_client = layout->types.client;
	out->type_wal_sender = layout->types.wal_sender;
	out->type_autovacuum_worker = layout->types.autovacuum_worker;
	out->error_level = layout->error_level;
	out->tag_set = command_tag_number(server->major, "SET");
	for (int i = 0; i < ROW_TAGS; i++)
		out->row_tags[i] = command_tag_number(server->major, row_tags[i]);
	for (int i = 0; i < END_TAGS; i++)
		out->end_tags[i] = command_tag_number(server->major, end_tags[i]);
	out->portal_text = layout->portal.text;
	out->portal_position = layout->portal.position;
	out->portal_stride = layout->portal.stride;
	out->portal_knows_context = layout->portal.chunk_knows_context;
	out->context_first = layout->portal.context_first;
	out->completion_at_frame = server->portal_suspended.frame_pointer;
	out->completion_displacement = server->portal_suspended.displacement;
}

/* BufferUsage and WalUsage are neighbours in every build seen: then one read takes both. */
static void fill_usage(struct target *out, const struct server *server)
{
	uint64_t buffers = address_of(server, VARIABLE_BUFFER_USAGE), wal = address_of(server, VARIABLE_WAL_USAGE);
	uint64_t first = buffers < wal ? buffers : wal;
	uint64_t buffers_end = buffers + server->layout.buffer_usage.size;
	uint64_t wal_end = wal + WAL_FIELDS * sizeof(uint64_t);
	uint64_t end = buffers_end > wal_end ? buffers_end : wal_end;

	if (end - first <= USAGE_MAX) {
		out->usage = first;
		out->usage_size = end - first;
		out->buffers_at = buffers - first;
		out->wal_at = wal - first;
		return;
	}
	out->usage = buffers;
	out->usage_size = server->layout.buffer_usage.size;
	out->wal_usage = wal;
	out->wal_at = WAL_USAGE_APART;
}

static void fill_addresses(struct target *out, const struct server *server)
{
	out->debug_query_string = address_of(server, VARIABLE_DEBUG_QUERY_STRING);
	fill_usage(out, server);
	out->port = address_of(server, VARIABLE_PORT);
	out->backend_entry = address_of(server, VARIABLE_BACKEND_ENTRY);
	out->wait_event_info = address_of(server, VARIABLE_WAIT_EVENT_INFO);
	out->proc_pid = address_of(server, VARIABLE_PROC_PID);
	out->backend_type = address_of(server, VARIABLE_BACKEND_TYPE);
	out->parallel_worker = address_of(server, VARIABLE_PARALLEL_WORKER);
	out->message_context = address_of(server, VARIABLE_MESSAGE_CONTEXT);
	out->statement_start = server->statement_start;
	if (!server->has_error_stack)
		return;
	out->error_depth = server->error_stack.depth_address;
	out->error_array = server->error_stack.array_address;
	out->error_size = server->error_stack.element_size;
	out->sqlerrcode_offset = server->error_stack.sqlerrcode_offset;
	out->elevel_offset = server->error_stack.elevel_offset;
}

void target_value_set(struct target *out, const struct settings *settings)
{
	double threshold = settings->sample_ratio * 4294967296.0;

	out->flags = (settings->errors ? SETTING_ERRORS : 0) | (settings->slow ? SETTING_SLOW : 0) |
		     (settings->sqlcomment ? SETTING_SQLCOMMENT : 0) |
		     (settings->application_name ? SETTING_APPLICATION_NAME : 0) |
		     (settings->raw_text ? SETTING_RAW_TEXT : 0);
	out->level = settings->level;
	out->min_duration_ns = settings->min_duration_ns;
	out->min_wait_ns = settings->min_wait_ns;
	out->nested_depth = settings->nested_depth;
	out->sample_threshold = threshold >= 4294967295.0 ? UINT32_MAX : (uint32_t)threshold;
	out->token_ns = NS_PER_SECOND / (settings->max_per_second ? settings->max_per_second : 1);
	if (settings->max_per_second)
		return;
	out->flags = 0; /* no records at all */
	out->sample_threshold = 0;
}

void target_value_fill(struct target *out, const struct server *server)
{
	fill_addresses(out, server);
	fill_layout(out, server);
}
