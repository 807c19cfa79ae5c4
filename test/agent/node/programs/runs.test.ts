import { beforeEach, expect, test } from '@jest/globals';
import type { HeldRun, WantedRun } from '../../../../agent/node/programs/held-run.js';
import { createRuns, type Runs } from '../../../../agent/node/programs/runs.js';
import type { Ready, Usable } from '../../../../agent/node/programs/usable.js';
import { ProgramError, type RunState } from '../../../../agent/programs.js';

/** A run whose state the test sets. */
class Held implements HeldRun {
  readonly run = { state: 'Starting' as RunState, message: '', losses: { eventsLost: 2 } as HeldRun['run']['losses'] };
  note: string | undefined;
  overAt: number | undefined;
  dueAt = 1000;
  collected = 0;
  readonly ended = Promise.withResolvers<void>();
  wasEnded = false;

  readonly wanted: WantedRun;
  readonly version: string;
  readonly words: readonly string[];

  constructor(wanted: WantedRun, { version, words }: Ready) {
    this.wanted = wanted;
    this.version = version;
    this.words = words;
  }

  collect(): void {
    this.collected += 1;
    this.dueAt += 1000;
  }

  end(): Promise<void> {
    this.wasEnded = true;
    return this.ended.promise;
  }

  become(state: RunState, overAt?: number): void {
    this.run.state = state;
    this.overAt = overAt;
  }
}

let nowMs: number;
let found: ReturnType<Usable>;
let logged: string[];
let held: Held[];
let runs: Runs;

beforeEach(() => {
  nowMs = 0;
  held = [];
  logged = [];
  found = { program: {}, version: '1', words: [] as string[] } as Ready;
  runs = createRuns({
    usable: (_, { n }) => ('program' in found && n !== undefined ? { ...found, words: [n] } : found),
    maxRuns: 2,
    hold(wanted, ready) {
      if (wanted.server.pid === 666) throw new ProgramError('in one namespace');
      const one = new Held(wanted, ready);
      held.push(one);
      return one;
    },
    onChange: () => {},
    onLog: (line) => logged.push(line),
    now: () => nowMs,
  });
});

function wanted(key: string, change: Partial<WantedRun> = {}, pid = 7): WantedRun {
  const planned = { destination: 'default', name: 'own', args: {}, intervalMs: 1000 };
  const server = { pid, startTime: '1' } as WantedRun['server'];
  return { key, server, ...planned, queryText: 'normalized', resource: {}, ...change };
}

function at(index: number): Held {
  const one = held[index];
  if (one === undefined) throw new Error(`no run ${index}`);
  return one;
}

/** The run has ended, and all that follows from it has happened. */
async function settle(index: number): Promise<void> {
  at(index).ended.resolve();
  await new Promise(setImmediate);
}

test('begin one after the other, and no more than are allowed', () => {
  const three = ['a', 'b', 'c'].map((key) => wanted(key));
  runs.follow(three);
  runs.follow(three);
  expect(held).toHaveLength(1);
  expect(runs.outcome('b', 's')).toMatchObject({ state: 'Pending', reason: 'Starting' });
  at(0).become('Running');
  runs.follow(three);
  at(1).become('Running');
  runs.follow(three);
  expect(held).toHaveLength(2);
  expect(runs.outcome('b', 's')).toMatchObject({ state: 'Running' });
  expect(runs.outcome('c', 's')).toMatchObject({ state: 'Failed', reason: 'TooManyPrograms' });
  expect(runs.states).toEqual({ Running: 2 });
});

test('make room for others when they are not wanted any more, and only when they have ended', async () => {
  runs.follow([wanted('a'), wanted('b')]);
  at(0).become('Running');
  runs.follow([wanted('a'), wanted('b')]);
  at(1).become('Running');
  runs.follow([wanted('b'), wanted('c')]);
  expect(at(0).wasEnded).toBe(true);
  expect(held).toHaveLength(2);
  await settle(0);
  runs.follow([wanted('b'), wanted('c')]);
  expect(at(2).wanted.key).toBe('c');
});

test.each([
  ['other arguments', { args: { n: '2' } }],
  ['another text mode', { queryText: 'none' as const }],
  ['another resource', { resource: { 'service.name': 'x' } }],
])('begin anew with %s, after the one before has ended', async (_, change) => {
  runs.follow([wanted('a')]);
  at(0).become('Running');
  runs.follow([wanted('a', change)]);
  expect([held.length, at(0).wasEnded]).toEqual([1, true]);
  expect(runs.outcome('a', 's').state).toBe('Pending');
  await settle(0);
  runs.follow([wanted('a', change)]);
  expect(at(1).wanted).toMatchObject(change);
});

test('end where their program has changed, or is spoilt, and what they lost stays counted', async () => {
  runs.follow([wanted('a')]);
  at(0).become('Running');
  found = { reason: 'UnknownProgram', message: 'gone' };
  runs.follow([wanted('a')]);
  expect(at(0).wasEnded).toBe(true);
  expect(runs.losses('default')).toEqual([{ stage: 'programs', reason: 'eventsLost', count: 2 }]);
  await settle(0);
  runs.follow([wanted('a')]);
  expect(runs.outcome('a', 's')).toMatchObject({ state: 'Failed', reason: 'UnknownProgram', message: 'gone' });
  expect(runs.losses('default')).toEqual([{ stage: 'programs', reason: 'eventsLost', count: 2 }]);
  expect(runs.losses('other')).toEqual([]);
});

test('that failed are tried again after a while; one that has ended itself is not', async () => {
  runs.follow([wanted('a')]);
  at(0).become('Failed', 0);
  runs.follow([wanted('a'), wanted('b')]);
  at(1).become('Done', 0);
  nowMs = 299_999;
  runs.follow([wanted('a'), wanted('b')]);
  expect(held.some(({ wasEnded }) => wasEnded)).toBe(false);
  nowMs = 300_000;
  runs.follow([wanted('a'), wanted('b')]);
  expect(held.map(({ wasEnded }) => wasEnded)).toEqual([true, false]);
  expect(runs.outcome('a', 's').state).toBe('Failed');
  await settle(0);
  runs.follow([wanted('a'), wanted('b')]);
  expect(at(2).wanted.key).toBe('a');
  expect(runs.outcome('a', 's').state).toBe('Failed');
  at(2).become('Running');
  expect(runs.outcome('a', 's').state).toBe('Running');
});

test('that cannot be tried again for want of room say so', async () => {
  runs.follow([wanted('a')]);
  at(0).become('Failed', 0);
  const all = ['a', 'b', 'c'].map((key) => wanted(key));
  runs.follow(all);
  at(1).become('Running');
  runs.follow(all);
  at(2).become('Running');
  nowMs = 300_000;
  runs.follow(all);
  await settle(0);
  runs.follow(all);
  expect(runs.outcome('a', 's')).toMatchObject({ state: 'Failed', reason: 'TooManyPrograms' });
});

test('remember their arguments while they are replaced, and not when they failed', async () => {
  runs.follow([wanted('a', { args: { n: '3' } })]);
  at(0).become('Running');
  runs.follow([wanted('a', { args: { n: '3' }, intervalMs: 5000 })]);
  await settle(0);
  expect(runs.words('a')).toEqual(['3']);
  runs.follow([wanted('a', { args: { n: '3' }, intervalMs: 5000 })]);
  at(1).become('Failed', 0);
  runs.follow([wanted('a', { args: { n: '3' }, intervalMs: 5000 })]);
  expect(runs.words('a')).toBeUndefined();
});

test('are not begun for a server that cannot be told from others', () => {
  runs.follow([wanted('a', {}, 666), wanted('b')]);
  expect(runs.outcome('a', 's')).toMatchObject({ state: 'Failed', message: 'in one namespace' });
  expect(at(0).wanted.key).toBe('b');
});

test('are collected when they are due', () => {
  runs.follow([wanted('a')]);
  runs.collect();
  expect([at(0).collected, runs.nextAt]).toEqual([0, 1000]);
  nowMs = 1000;
  runs.collect();
  expect([at(0).collected, runs.nextAt]).toEqual([1, 2000]);
  at(0).become('Done', 1000);
  expect(runs.nextAt).toBe(Number.POSITIVE_INFINITY);
});

test('that cannot be ended in order are said to be so, and make room', async () => {
  runs.follow([wanted('a')]);
  runs.follow([]);
  at(0).ended.reject(new Error('a broken pipe'));
  await runs.end();
  expect(logged).toEqual(['program own could not be ended in order: a broken pipe']);
  expect(runs.losses('default')).toHaveLength(1);
});

test('with equal arguments, however they are given, go on', () => {
  runs.follow([wanted('a', { args: { n: '1' } })]);
  at(0).become('Running');
  runs.follow([wanted('a', { args: { n: '1', other: 'default' } })]);
  expect([held.length, at(0).wasEnded, runs.words('a')]).toEqual([1, false, ['1']]);
});

test('all end in the end', async () => {
  runs.follow([wanted('a')]);
  const end = runs.end();
  at(0).ended.resolve();
  await end;
  expect(runs.states).toEqual({});
});
