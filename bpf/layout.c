// SPDX-License-Identifier: Apache-2.0
/*
 * Read on running servers of every version (x86-64; sizes and offsets of these structures are the
 * same on arm64). Source of the names: backend_status.h (pgstat.h in 13), instrument.h, libpq-be.h,
 * miscadmin.h, elog.h.
 */
#include "layout.h"

#include <stddef.h>

#define NONE LAYOUT_NONE

static const struct backend_entry_layout backend_entry_13 = {
	.size = 256,
	.changecount = 0,
	.procpid = 4,
	.backend_type = 8,
	.xact_start = 24,
	.activity_start = 32,
	.state_start = 40,
	.database_oid = 48,
	.user_oid = 52,
	.client_address = 56,
	.state = 232,
	.application = 240,
	.activity = 248,
	.query_id = NONE,
};

static const struct buffer_usage_layout buffer_usage_13 = {
	.size = 112,
	.time_unit = IO_TIME_TIMESPEC,
	.read_times = {80, NONE, NONE},
	.write_times = {96, NONE, NONE},
};

static const struct buffer_usage_layout buffer_usage_15 = {
	.size = 144,
	.time_unit = IO_TIME_TIMESPEC,
	.read_times = {80, NONE, 112},
	.write_times = {96, NONE, 128},
};

static const struct buffer_usage_layout buffer_usage_16 = {
	.size = 112,
	.time_unit = IO_TIME_NANOSECONDS,
	.read_times = {80, NONE, 96},
	.write_times = {88, NONE, 104},
};

static const struct buffer_usage_layout buffer_usage_17 = {
	.size = 128,
	.time_unit = IO_TIME_NANOSECONDS,
	.read_times = {80, 96, 112},
	.write_times = {88, 104, 120},
};

static const struct wal_usage_layout wal_usage_13 = {.size = 24, .records = 0, .full_page_images = 8, .bytes = 16};

static const struct port_layout port_13 = {.socket = 0, .database_name = 328, .user_name = 336, .application = 360};
static const struct port_layout port_17 = {.socket = 0, .database_name = 320, .user_name = 328, .application = 352};
static const struct port_layout port_18 = {.socket = 0, .database_name = 384, .user_name = 392, .application = 416};

/* 14 has portalSnapshot, 15 createLevel, 18 no run_once. 16 has smaller headers of chunks, 17 a smaller one of
 * contexts. */
static const struct portal_layout portal_13 = {48, 184, 280, 272, true};
static const struct portal_layout portal_14 = {48, 192, 280, 272, true};
static const struct portal_layout portal_15 = {56, 200, 280, 272, true};
static const struct portal_layout portal_16 = {56, 200, 272, 264, false};
static const struct portal_layout portal_17 = {56, 200, 248, 264, false};
static const struct portal_layout portal_18 = {56, 192, 248, 264, false};

static const struct portal_layout *const portals[] = {&portal_13, &portal_14, &portal_15,
						      &portal_16, &portal_17, &portal_18};

static const struct backend_states states_13 = {
	.idle = 1,
	.running = 2,
	.idle_in_transaction = 3,
	.fastpath = 4,
	.idle_in_aborted = 5,
	.disabled = 6,
};

/* 18 puts STATE_STARTING in front. */
static const struct backend_states states_18 = {
	.idle = 2,
	.running = 3,
	.idle_in_transaction = 4,
	.fastpath = 5,
	.idle_in_aborted = 6,
	.disabled = 7,
};

static const struct backend_types types_13 = {
	.autovacuum_launcher = 1,
	.autovacuum_worker = 2,
	.client = 3,
	.background_worker = 4,
	.wal_sender = 9,
	.io_worker = -1,
	.highest = 13,
};

static const struct backend_types types_16 = {
	.autovacuum_launcher = 2,
	.autovacuum_worker = 3,
	.client = 4,
	.background_worker = 5,
	.wal_sender = 12,
	.io_worker = -1,
	.highest = 13,
};

static const struct backend_types types_17 = {
	.client = 1,
	.autovacuum_launcher = 2,
	.autovacuum_worker = 3,
	.background_worker = 4,
	.wal_sender = 5,
	.io_worker = -1,
	.highest = 15,
};

static const struct backend_types types_18 = {
	.client = 1,
	.autovacuum_launcher = 3,
	.autovacuum_worker = 4,
	.background_worker = 5,
	.wal_sender = 6,
	.io_worker = 12,
	.highest = 17,
};

static const struct buffer_usage_layout *buffer_usage_of(int major)
{
	return major <= 14   ? &buffer_usage_13
	       : major == 15 ? &buffer_usage_15
	       : major == 16 ? &buffer_usage_16
			     : &buffer_usage_17;
}

static const struct backend_types *types_of(int major)
{
	return major <= 15 ? &types_13 : major == 16 ? &types_16 : major == 17 ? &types_17 : &types_18;
}

static const struct port_layout *port_of(int major)
{
	return major <= 16 ? &port_13 : major == 17 ? &port_17 : &port_18;
}

const struct server_layout *layout_of(int major, struct server_layout *out)
{
	if (major < LAYOUT_OLDEST_MAJOR)
		return NULL;
	*out = (struct server_layout){
		.major = major,
		.verified = major <= LAYOUT_NEWEST_MAJOR,
		.backend_entry = backend_entry_13,
		.buffer_usage = *buffer_usage_of(major),
		.wal_usage = wal_usage_13,
		.port = *port_of(major),
		.portal = *portals[(major < LAYOUT_NEWEST_MAJOR ? major : LAYOUT_NEWEST_MAJOR) - LAYOUT_OLDEST_MAJOR],
		.states = major <= 17 ? states_13 : states_18,
		.types = *types_of(major),
		.process_pid = major == 13   ? 0
			       : major <= 16 ? 64
					     : 60,
		.error_level = major == 13 ? 20 : 21,
	};
	if (major >= 14) {
		out->backend_entry.query_id = 424;
		out->backend_entry.size = 432;
	}
	if (major >= 18)
		out->wal_usage.size = 32;
	return out;
}
