import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../kube/clock.js';
import { createHealth, type Health } from '../../../operator/manager/health.js';
import { createFakeClock, type FakeClock } from '../../kube/clocks.js';

const LIMIT_MS = 60_000;

let time: FakeClock;
/** How much later than asked for timers come. */
let lateMs: number;
let health: Health;

beforeEach(() => {
  time = createFakeClock(0);
  lateMs = 0;
  const clock: Clock = { now: time.now, after: (ms, callback) => time.after(ms + lateMs, callback) };
  health = createHealth(clock);
});

const problemOf = (name: string) => {
  const check = health.checks().find((one) => one.name === name);
  if (check === undefined) throw new Error(`there is no check ${name}`);
  return check.problem;
};

describe('a watch', () => {
  let progress: string;
  beforeEach(() => {
    progress = 'first';
    health.watch('reflector pods', { progress: () => progress, limitMs: LIMIT_MS });
  });

  test('may be silent up to its limit, and is a problem then', () => {
    time.advance(LIMIT_MS);
    expect(problemOf('reflector pods')).toBeUndefined();
    time.advance(1_000);
    expect(problemOf('reflector pods')).toBe('nothing happened for 61 s');
    time.advance(LIMIT_MS);
    expect(problemOf('reflector pods')).toBe('nothing happened for 121 s');
  });

  test('is none any more as soon as something happens', () => {
    time.advance(2 * LIMIT_MS);
    progress = 'second';
    expect(problemOf('reflector pods')).toBeUndefined();
    time.advance(LIMIT_MS + 1_000);
    expect(problemOf('reflector pods')).toBe('nothing happened for 61 s');
  });

  test('is looked at between two checks too: what happened long ago does not count as news', () => {
    progress = 'second';
    time.advance(2 * LIMIT_MS);
    expect(problemOf('reflector pods')).toBe('nothing happened for 119 s');
  });

  test('does not speak for another', () => {
    health.watch('reflector nodes', { progress: () => String(time.now()), limitMs: LIMIT_MS });
    time.advance(2 * LIMIT_MS);
    expect(problemOf('reflector nodes')).toBeUndefined();
    expect(problemOf('reflector pods')).toBe('nothing happened for 120 s');
  });
});

describe('a worker', () => {
  test('is a problem while it has been at one key for too long, and none when it is done or has gone', () => {
    let longestMs = LIMIT_MS;
    const unbind = health.bound('workers of node', { longestMs: () => longestMs, limitMs: LIMIT_MS });
    expect(problemOf('workers of node')).toBeUndefined();
    longestMs = 90_000;
    expect(problemOf('workers of node')).toBe('has been at one key for 90 s');
    longestMs = 0;
    expect(problemOf('workers of node')).toBeUndefined();
    unbind();
    expect(() => problemOf('workers of node')).toThrow('there is no check');
  });
});

describe('the event loop', () => {
  test('is no problem where timers come when they are due, nor after one long pause', () => {
    time.advance(60_000);
    expect(problemOf('event loop')).toBeUndefined();
    lateMs = 15_000;
    time.advance(1_000);
    lateMs = 0;
    time.advance(16_000);
    expect(problemOf('event loop')).toBeUndefined();
  });

  test('is one while timers are late in the mean of ten seconds, and recovers', () => {
    lateMs = 3_000;
    time.advance(1_000 + 9 * 4_000);
    expect(problemOf('event loop')).toBe('timers are 2700 ms late in the mean of 10 s');
    lateMs = 0;
    time.advance(4_000);
    expect(problemOf('event loop')).toBe('timers are 3000 ms late in the mean of 10 s');
    time.advance(10_000);
    expect(problemOf('event loop')).toBeUndefined();
  });
});

test('nothing is left of it when it is stopped', () => {
  time.advance(10_000);
  health.stop();
  expect(time.timers).toBe(0);
});
