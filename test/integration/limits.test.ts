/** What the tracer refuses, what it leaves out when there is too much of something, and that it says so. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OVERFLOW } from '../../agent/tracer.js';
import { frames, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers } from '../servers.js';
import { Recording } from '../tracer.js';

const { query } = frames;
const TIMEOUT_MS = 120_000;

let server: Server;
let recording: Recording;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
}, TIMEOUT_MS);
afterEach(() => recording?.stop());
afterAll(stopServers);

async function run(...texts: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const text of texts) await wire.run(query(text));
  await wire.end();
}

describe('refusals, each with its reason and a sentence', () => {
  test(
    'a PID that is none, one that is no PostgreSQL, one that is a backend and no postmaster',
    async () => {
      recording = await Recording.start();
      await expect(recording.attach({ pid: 4_000_000 })).rejects.toMatchObject({
        reason: 'NoSuchProcess',
        message: /4000000/,
      });
      const wire = await Wire.connect(server);
      await expect(recording.attach({ pid: wire.processId })).rejects.toMatchObject({
        reason: 'NotPostmaster',
        message: new RegExp(String(server.pid)),
      });
      await wire.end();
      await expect(recording.attach({ pid: process.pid })).rejects.toMatchObject({
        reason: /NotPostmaster|MissingSymbols/,
      });
    },
    TIMEOUT_MS,
  );

  test(
    'a binary without the needed exports',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'pgscope-postgres-'));
      copyFileSync('/bin/sleep', join(directory, 'postgres'));
      const child = spawn(join(directory, 'postgres'), ['600']);
      try {
        recording = await Recording.start();
        const refused = expect(recording.attach({ pid: child.pid ?? 0 })).rejects;
        await refused.toMatchObject({ reason: /NotPostmaster|MissingSymbols/, message: /postgres/ });
      } finally {
        child.kill('SIGKILL');
        rmSync(directory, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );

  test(
    'a level that does not exist yet, a target twice, a target that is unknown',
    async () => {
      recording = await Recording.start();
      await expect(recording.attach(server, { level: 'waits' })).rejects.toMatchObject({ reason: 'UnsupportedLevel' });
      await recording.attach(server, {}, 'one');
      await expect(recording.attach(server, {}, 'one')).rejects.toMatchObject({ reason: 'DuplicateTarget' });
      await expect(recording.tracer.detach('two')).rejects.toMatchObject({ reason: 'UnknownTarget' });
      await expect(recording.settings({ level: 'phases' }, 'one')).rejects.toMatchObject({
        reason: 'UnsupportedLevel',
      });
      await run('select 1 as l_still_there');
      expect((await recording.totals('l_still_there', 'one')).calls).toBe(1);
    },
    TIMEOUT_MS,
  );
});

describe('limits, each counted', () => {
  test(
    'more different queries than the map holds: the rest is one series, and no call is lost',
    async () => {
      recording = await Recording.start();
      await recording.attach(server);
      const { queries = 0 } = recording.tracer.ready.limits;
      // Each CPU may have its own share of the map.
      const count = 4 * queries;
      const texts = Array.from({ length: count / 50 }, (_, i) =>
        Array.from({ length: 50 }, (_, j) => `select 1 as l_name_${i * 50 + j}`).join(';'),
      );
      await run(...texts);
      await recording.drain();
      const all = recording.sum(({ fingerprint }) => !/^0+$/.test(fingerprint));
      const overflow = recording.sum(({ fingerprint }) => fingerprint === OVERFLOW);
      expect(all.calls).toBeGreaterThanOrEqual(Math.floor(count / 50) * 50);
      expect(overflow.calls).toBeGreaterThan(0);
      expect((await recording.losses()).queriesOverflow).toBe(overflow.calls);
    },
    TIMEOUT_MS,
  );

  test(
    'more records than allowed in a second: what is left out is counted by its reason',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0, maxPerSecond: 10 });
      await run(...Array.from({ length: 500 }, (_, i) => `select ${i} as l_rate`));
      const records = await recording.records('l_rate');
      const losses = await recording.losses();
      expect(records.length).toBeGreaterThan(0);
      expect(records.length + (losses.recordsRateLimitedSlow ?? 0)).toBe(500);
      expect((await recording.totals('l_rate')).calls).toBe(500);
    },
    TIMEOUT_MS,
  );

  test(
    'a ring buffer that is full, as nobody reads it: every record is told or counted',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0, rawText: true });
      const tracer = recording.processId();
      process.kill(tracer, 'SIGSTOP');
      const long = 'x'.repeat(2000);
      try {
        await run(...Array.from({ length: 1500 }, (_, i) => `select '${i} ${long}' as l_ring`));
      } finally {
        process.kill(tracer, 'SIGCONT');
      }
      const records = await recording.records('l_ring');
      const { recordsRingFull = 0 } = await recording.losses();
      expect(recordsRingFull).toBeGreaterThan(0);
      expect(records.length + recordsRingFull).toBe(1500);
      expect((await recording.totals('l_ring')).calls).toBe(1500);
    },
    TIMEOUT_MS,
  );

  test(
    'text longer than is read: cut off, and counted',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0 });
      const { textBytes = 0 } = recording.tracer.ready.limits;
      await run(`select 'l_long ${'x'.repeat(textBytes)}'`);
      await recording.drain();
      const [record] = recording.statements.filter(({ text }) => text?.includes('l_long'));
      expect(record?.textTruncated).toBe(true);
      expect(record?.text?.length).toBeLessThanOrEqual(textBytes);
      expect((await recording.losses()).textTruncated).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe('PostgreSQL 13, which has had its last update', () => {
  test(
    'is attached as far as possible, and what is missing is said',
    async () => {
      const old = await startServer({ build: 'n13' });
      recording = await Recording.start();
      await recording.attach(old, {}, 'old');
      const attached = recording.attached.get('old');
      expect(attached).toMatchObject({ major: 13 });
      expect(attached?.missing.length).toBeGreaterThan(0);
      const wire = await Wire.connect(old);
      for (let i = 0; i < 5; i++) await wire.run(query(`select ${i} as l_old from generate_series(1, 2)`));
      await wire.run(query('select 1/0 as l_old_error'));
      await wire.end();
      const ours = await recording.totals('l_old from', 'old');
      expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 5, rows: 10 });
      expect((await recording.totals('l_old_error', 'old')).errors).toBe(1);
    },
    TIMEOUT_MS,
  );
});
