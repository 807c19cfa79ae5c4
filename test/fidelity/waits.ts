/** What statements have waited for, by PostgreSQL's names, and whether wall time is made of it. */

import type { AggregateEvent, StatementEvent, WaitSum } from '../../agent/tracer/events.js';
import { type Waited, waitedFor } from '../../agent/waits.js';
import type { Server } from '../servers.js';
import { waitUntil } from '../servers.js';
import type { Recording } from '../tracer.js';

export interface WaitTime {
  count: number;
  ns: number;
}

const NONE: WaitTime = { count: 0, ns: 0 };

/** By `Type:Event`; idle ones are left out. */
export function waitsOf(server: Server, sums: readonly WaitSum[]): Map<string, WaitTime> {
  const waits = new Map<string, WaitTime>();
  for (const { event, count, waitNs } of sums) {
    const waited = waitedFor(server.major, event);
    if (waited === undefined) continue;
    const before = waits.get(nameOf(waited)) ?? NONE;
    waits.set(nameOf(waited), { count: before.count + count, ns: before.ns + waitNs });
  }
  return waits;
}

export function nameOf({ type, event }: Waited): string {
  return `${type}:${event}`;
}

/** Of the queries whose text has this marker, since the recording began or was reset. */
export async function waitsWith(recording: Recording, server: Server, marker: string): Promise<Map<string, WaitTime>> {
  await recording.drain();
  return waitsOf(
    server,
    eventsWith(recording, marker).flatMap(({ waits = [] }) => waits),
  );
}

export function eventsWith(recording: Recording, marker: string): AggregateEvent[] {
  return recording.aggregates.filter((event) => recording.text(event).includes(marker));
}

export interface TimeSplit {
  cpuNs: number;
  runQueueNs: number;
  waitNs: number;
  durationNs: number;
}

/** Where the time of statements or queries went, idle waits and all. */
export function splitOf(events: readonly (StatementEvent | AggregateEvent)[]): TimeSplit {
  const add = (value: (event: StatementEvent | AggregateEvent) => number) =>
    events.reduce((sum, event) => sum + value(event), 0);
  return {
    cpuNs: add(({ cpuNs = 0 }) => cpuNs),
    runQueueNs: add(({ runQueueNs = 0 }) => runQueueNs),
    waitNs: add(({ waits = [] }) => waits.reduce((sum, { waitNs }) => sum + waitNs, 0)),
    durationNs: add(({ durationNs = 0 }) => durationNs),
  };
}

/** The share of wall time that CPU, run queue and waits do not explain; 0 is exact. */
export function unexplained({ cpuNs, runQueueNs, waitNs, durationNs }: TimeSplit): number {
  return Math.abs(durationNs - cpuNs - runQueueNs - waitNs) / durationNs;
}

/** Resolves when this backend (PostgreSQL's PID) is seen to wait so. */
export async function waitUntilItWaits(server: Server, pid: number, event: string): Promise<void> {
  const client = await server.client();
  try {
    const seen = await waitUntil(async () => {
      const { rows } = await client.query('select wait_event from pg_stat_activity where pid = $1', [pid]);
      return rows[0]?.wait_event === event;
    }, 60_000);
    if (!seen) throw new Error(`process ${pid} never waited for ${event}`);
  } finally {
    await client.end();
  }
}
