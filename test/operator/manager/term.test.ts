import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Requeue } from '../../../operator/controller.js';
import type { Controllers, Due } from '../../../operator/controllers.js';
import { createLog } from '../../../operator/log.js';
import { createHealth, type Health } from '../../../operator/manager/health.js';
import { createTerms, type Terms } from '../../../operator/manager/term.js';
import { createMetrics } from '../../../operator/metrics.js';
import { startTraces } from '../../../operator/traces.js';
import { createFakeClock, type FakeClock } from '../../kube/clocks.js';
import { waitUntil } from '../../servers/wait.js';

const LIMIT_MS = 30_000;
const DRAIN_MS = 10_000;
const CUT_MS = 1_000;

/** One reconcile that a test lets end. */
interface Reconcile {
  key: string;
  signal: AbortSignal;
  end: PromiseWithResolvers<Requeue | undefined>;
}

let clock: FakeClock;
let health: Health;
let logged: { level: string; msg: string }[];
let reconciles: Reconcile[];
/** What there is when a term begins. */
let everything: Due[];
let terms: Terms;
let stop: AbortController;
let led: Promise<void> | undefined;

const due = (...keys: string[]): Due[] => keys.map((key) => ({ controller: 'test', key }));
const keys = () => reconciles.map(({ key }) => key);

beforeEach(async () => {
  clock = createFakeClock();
  health = createHealth(clock);
  logged = [];
  reconciles = [];
  everything = [];
  stop = new AbortController();
  led = undefined;
  const controller = {
    name: 'test',
    reconcile(key: string, signal: AbortSignal) {
      const one = { key, signal, end: Promise.withResolvers<Requeue | undefined>() };
      reconciles.push(one);
      return one.end.promise;
    },
  };
  const controllers = { controllers: [controller], all: () => everything } as unknown as Controllers;
  const log = createLog({ write: (line) => logged.push(JSON.parse(line)) });
  const metrics = createMetrics({ processMetrics: false });
  terms = createTerms({ controllers, health, metrics, traces: await startTraces({}, log), log, clock });
});

afterEach(async () => {
  stop.abort();
  for (const { end } of reconciles) end.resolve(undefined);
  await led;
});

function lead(): Promise<void> {
  stop = new AbortController();
  led = terms.lead(stop.signal);
  return led;
}

async function eventually(what: string, condition: () => boolean): Promise<void> {
  if (!(await waitUntil(condition, LIMIT_MS))) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
}

async function underWay(...expected: string[]): Promise<void> {
  await eventually(`${expected} under way, there are ${keys()}`, () => expected.every((key) => keys().includes(key)));
}

describe('a term', () => {
  test('begins with everything, goes on with what becomes due, and drops what does while nobody leads', async () => {
    everything = due('shop/a', 'shop/b');
    terms.enqueue(due('shop/before'));
    lead();
    await underWay('shop/a', 'shop/b');
    terms.enqueue(due('shop/c'));
    await underWay('shop/c');
    for (const { end } of reconciles) end.resolve(undefined);
    stop.abort();
    await led;
    terms.enqueue(due('shop/between'));
    everything = due('shop/a');
    reconciles = [];
    lead();
    await underWay('shop/a');
    expect(keys()).toEqual(['shop/a']);
  });

  test('works on four keys at once, and takes no further one when it is to end', async () => {
    everything = due('1', '2', '3', '4', '5', '6');
    lead();
    await underWay('1', '2', '3', '4');
    stop.abort();
    for (const { end } of reconciles) end.resolve(undefined);
    await led;
    expect(keys()).toEqual(['1', '2', '3', '4']);
    expect(reconciles.some(({ signal }) => signal.aborted)).toBe(false);
    expect(logged).toEqual([]);
  });

  test('is watched for workers that are stuck, as long as it lasts', async () => {
    everything = due('shop/a');
    lead();
    await underWay('shop/a');
    const names = () => health.checks().map(({ name }) => name);
    expect(names()).toContain('workers of test');
    for (const { end } of reconciles) end.resolve(undefined);
    stop.abort();
    await led;
    expect(names()).not.toContain('workers of test');
  });
});

describe('what is in flight when a term ends', () => {
  beforeEach(async () => {
    everything = due('shop/slow');
    lead();
    await underWay('shop/slow');
    const timers = clock.timers;
    stop.abort();
    await eventually('the time to run', () => clock.timers > timers);
  });

  test('has 10 s, and is told to leave off then', async () => {
    const [slow] = reconciles;
    clock.advance(DRAIN_MS - 1);
    expect(slow?.signal.aborted).toBe(false);
    slow?.signal.addEventListener('abort', () => slow.end.reject(slow.signal.reason));
    clock.advance(1);
    await led;
    expect(slow?.signal.reason).toEqual(new Error('the operator stops'));
    expect(logged).toEqual([]);
  });

  test('is left behind a second later where it does not heed that, and the log says so', async () => {
    const timers = clock.timers;
    clock.advance(DRAIN_MS);
    await eventually('the last second to run', () => clock.timers === timers);
    clock.advance(CUT_MS);
    await led;
    expect(logged).toMatchObject([{ level: 'warn', msg: 'a reconcile does not end; the operator stops without it' }]);
  });
});
