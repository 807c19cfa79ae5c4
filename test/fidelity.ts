/**
 * The bench of the fidelity tests: a real server with pg_stat_statements and the real tracer attached to it. Each case marks
 * its statements with a name of its own, runs them, and compares what both say about that name.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import type { TracerSettings } from '../agent/tracer/events.js';
import { differences, statementRows, sumRows } from './fidelity/statistics.js';
import { Wire, type WireOptions } from './servers/wire.js';
import {
  type Build,
  identify,
  isAlive,
  type Server,
  type ServerOptions,
  startServer,
  stopServers,
  waitUntil,
} from './servers.js';
import { type QueryTotals, Recording } from './tracer.js';

export { differences, type ServerTotals, type StatementRow, statementRows, sumRows } from './fidelity/statistics.js';

/** Each case runs on the oldest and the newest major version, and on a stripped build with CET. */
export const CASE_BUILDS: readonly Build[] = ['n14', 'n18', 'd17'];
const START_TIMEOUT_MS = 300_000;
const CASE_TIMEOUT_MS = 120_000;
/**
 * Parsing and planning read the catalogs; pgscope counts that, pg_stat_statements does not. With the catalogs in shared
 * buffers these are hits, which may differ, and blocks read can be compared.
 */
const WARM_CATALOGS = `
  create extension if not exists pg_prewarm;
  select pg_prewarm(oid) from pg_class where relkind in ('r', 'i', 't') and relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)`;

export interface Bench {
  readonly server: Server;
  readonly recording: Recording;
  /** Runs `work` over a connection of its own and waits until its backend has gone: then all it did has been counted. */
  session(work: (wire: Wire) => Promise<void>, options?: WireOptions): Promise<void>;
  /** Restarts the server: its data is then on disk alone, its catalogs are in shared buffers; both sides have counted nothing. */
  restart(): Promise<void>;
  /** Both sides forget what they have counted. */
  reset(): Promise<void>;
  /** Tracer and pg_stat_statements agree on the statements with this marker, and both say what the test expects. */
  expectSame(marker: string, expected: { calls: number; rows: number }): Promise<QueryTotals>;
  /** Statements with this marker failed that often with these SQLSTATEs, one record for each, and none completed. */
  expectFailed(marker: string, sqlstates: string[]): Promise<QueryTotals>;
}

export interface BenchOptions extends Omit<ServerOptions, 'build'> {
  builds?: readonly Build[];
  tracer?: Partial<TracerSettings>;
}

/** Declares the tests of `define` once for each build; one server and one recording serve them all. */
export function onEachBuild(define: (bench: Bench) => void, options: BenchOptions = {}): void {
  jest.setTimeout(CASE_TIMEOUT_MS);
  const { builds = CASE_BUILDS, tracer = {}, ...serverOptions } = options;
  describe.each(builds)('%s', (build) => {
    const bench = new RunningBench();
    beforeAll(async () => {
      bench.running = await startServer({ build, statementStatistics: true, ...serverOptions });
      bench.tracerSettings = tracer;
      bench.recorder = await Recording.start();
      await bench.recording.attach(bench.server, tracer);
      await bench.server.sql(WARM_CATALOGS);
    }, START_TIMEOUT_MS);
    // pg_stat_statements does not look at column names: "select 1 as a" would be shown as an earlier test's "select 1 as b".
    beforeEach(() => bench.reset());
    afterAll(async () => {
      await bench.recorder?.stop();
      await stopServers();
    });
    define(bench);
  });
}

class RunningBench implements Bench {
  running: Server | undefined;
  recorder: Recording | undefined;
  tracerSettings: Partial<TracerSettings> = {};

  get server(): Server {
    if (this.running === undefined) throw new Error('the server has not started');
    return this.running;
  }

  get recording(): Recording {
    if (this.recorder === undefined) throw new Error('the tracer has not started');
    return this.recorder;
  }

  async session(work: (wire: Wire) => Promise<void>, options: WireOptions = {}): Promise<void> {
    const wire = await Wire.connect(this.server, options);
    const backend = identify(wire.processId);
    try {
      await work(wire);
    } finally {
      await wire.end();
    }
    if (backend !== undefined) await waitUntil(() => !isAlive(backend), 30_000);
  }

  async restart(): Promise<void> {
    await this.server.restart();
    await this.recording.until(() => this.recording.detached.length > 0, 'that the server has ended');
    this.recording.detached.length = 0;
    await this.recording.attach(this.server, this.tracerSettings);
    await this.server.sql(WARM_CATALOGS);
    await this.reset();
  }

  async reset(): Promise<void> {
    await this.server.sql('select pg_stat_statements_reset()');
    await this.recording.reset();
  }

  async expectSame(marker: string, expected: { calls: number; rows: number }): Promise<QueryTotals> {
    const theirs = sumRows((await statementRows(this.server)).filter(({ query }) => query.includes(marker)));
    const ours = await this.recording.totals(marker);
    expect(differences(ours, theirs)).toEqual([]);
    expect({ calls: ours.calls, rows: ours.counter('rows'), errors: ours.errors }).toEqual({ ...expected, errors: 0 });
    return ours;
  }

  async expectFailed(marker: string, sqlstates: string[]): Promise<QueryTotals> {
    const ours = await this.recording.totals(marker);
    const failed = (await this.recording.records(marker)).filter(({ reason }) => reason === 'failed');
    expect(failed.map(({ sqlstate }) => sqlstate)).toEqual(sqlstates);
    expect({ calls: ours.calls, errors: ours.errors, rows: ours.counter('rows') }).toEqual({
      calls: 0,
      errors: sqlstates.length,
      rows: 0,
    });
    expect(ours.measured).toBe(sqlstates.length);
    return ours;
  }
}
