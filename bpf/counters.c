// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#include "counters.h"
#include "layout.h"
#include "output.h"
#include "works.h"

static const char *const sum_names[SUMS] = {
	[COUNTER_CPU_NS] = "cpuNs",
	[COUNTER_RUN_QUEUE_NS] = "runQueueNs",
	[COUNTER_STORAGE_READ_BYTES] = "storageReadBytes",
	[COUNTER_STORAGE_WRITE_BYTES] = "storageWriteBytes",
	[COUNTER_MINOR_FAULTS] = "minorFaults",
	[COUNTER_MAJOR_FAULTS] = "majorFaults",
	[COUNTER_NETWORK_RECEIVED_BYTES] = "networkReceivedBytes",
	[COUNTER_NETWORK_SENT_BYTES] = "networkSentBytes",
	[SUM_BLOCKS + 0] = "sharedBlocksHit",
	[SUM_BLOCKS + 1] = "sharedBlocksRead",
	[SUM_BLOCKS + 2] = "sharedBlocksDirtied",
	[SUM_BLOCKS + 3] = "sharedBlocksWritten",
	[SUM_BLOCKS + 4] = "localBlocksHit",
	[SUM_BLOCKS + 5] = "localBlocksRead",
	[SUM_BLOCKS + 6] = "localBlocksDirtied",
	[SUM_BLOCKS + 7] = "localBlocksWritten",
	[SUM_BLOCKS + 8] = "tempBlocksRead",
	[SUM_BLOCKS + 9] = "tempBlocksWritten",
	[SUM_BLOCK_READ_NS] = "blockReadNs",
	[SUM_BLOCK_WRITE_NS] = "blockWriteNs",
	[SUM_WAL + 0] = "walRecords",
	[SUM_WAL + 1] = "walFullPageImages",
	[SUM_WAL + 2] = "walBytes",
	[SUM_PHASES + PHASE_PARSE - 1] = "parseNs",
	[SUM_PHASES + PHASE_ANALYZE - 1] = "analyzeNs",
	[SUM_PHASES + PHASE_BIND - 1] = "bindNs",
	[SUM_PHASES + PHASE_PLAN - 1] = "planNs",
	[SUM_PHASES + PHASE_EXECUTE - 1] = "executeNs",
	[SUM_PHASES + PHASE_COMMIT - 1] = "commitNs",
};

static const char *const loss_names[LOSSES] = {
	[LOSS_RATE_FAILED] = "recordsRateLimitedFailed",
	[LOSS_RATE_SLOW] = "recordsRateLimitedSlow",
	[LOSS_RATE_TRACED] = "recordsRateLimitedTraced",
	[LOSS_RATE_SAMPLED] = "recordsRateLimitedSampled",
	[LOSS_RECORDS_RING_FULL] = "recordsRingFull",
	[LOSS_QUERY_TEXTS_RING_FULL] = "queryTextsRingFull",
	[LOSS_QUERIES_OVERFLOW] = "queriesOverflow",
	[LOSS_TEXT_UNREADABLE] = "textUnreadable",
	[LOSS_TEXT_TRUNCATED] = "textTruncated",
	[LOSS_TEXT_ENDS_UNREAD] = "textEndsUnread",
	[LOSS_SCRATCH_BUSY] = "scratchBusy",
	[LOSS_COUNTERS_UNREADABLE] = "countersUnreadable",
	[LOSS_BACKENDS_UNTAGGED] = "backendsUntagged",
	[LOSS_PORTALS_UNREADABLE] = "portalsUnreadable",
	[LOSS_CONTEXT_PORTALS_UNREADABLE] = "contextPortalsUnreadable",
	[LOSS_WAITS_OVERFLOW] = "waitsOverflow",
	[LOSS_WAITS_FURTHER] = "waitsFurther",
	[LOSS_LONG_WAITS] = "longWaitsUntold",
	[LOSS_SWITCHES_UNSEEN] = "switchesUnseen",
	[LOSS_LOCKS_UNINSPECTED] = "locksUninspected",
	[LOSS_IO_OVERFLOW] = "ioOverflow",
	[LOSS_NESTED_UNTOLD] = "nestedUntold",
};

void output_sums(const struct sums *sums)
{
	for (int i = 0; i < SUMS; i++)
		output_counter(sum_names[i], sums->value[i]);
}

void output_backend_type(int major, uint64_t fingerprint)
{
	uint64_t type = fingerprint - FINGERPRINT_BACKGROUND;
	const char *name = type < BACKEND_TYPES ? backend_type_name(major, type) : NULL;

	if (type < BACKEND_TYPES)
		output_string("backendType", name ? name : "other");
	else if (is_autovacuum(fingerprint))
		output_string("backendType", "autovacuum worker");
}

void output_wait(uint32_t event, uint64_t count, uint64_t ns)
{
	output_object(NULL);
	output_number("event", event);
	output_number("count", count);
	output_number("waitNs", ns);
	output_object_end();
}

void output_waits(const struct waits *waits)
{
	if (!waits->slots[0].count)
		return;
	output_array("waits");
	for (int i = 0; i < WAIT_SLOTS && waits->slots[i].count; i++)
		output_wait(waits->slots[i].event, waits->slots[i].count, waits->slots[i].ns);
	output_array_end();
}

void output_losses(struct engine *engine)
{
	int map = bpf_map__fd(engine->skel->maps.losses);
	int cpus = libbpf_num_possible_cpus();
	uint64_t *values = calloc(cpus, sizeof(*values));

	for (uint32_t loss = 0; values && loss < LOSSES; loss++) {
		uint64_t sum = 0;

		if (bpf_map_lookup_elem(map, &loss, values))
			continue;
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += values[cpu];
		output_number(loss_names[loss], sum);
	}
	free(values);
}
