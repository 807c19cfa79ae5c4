import { describe, expect, test } from '@jest/globals';
import type { CaptureInterval } from '../../../../agent/capture.js';
import { lossesOf } from '../../../../agent/cli/top/activity.js';
import { textOf } from '../../../../agent/cli/top/lines.js';
import { Live } from '../../../../agent/cli/top/live.js';

const server = {
  id: 'a',
  pid: 4711,
  dataDirectory: '/srv/pg',
  target: 'a',
  version: '18.4',
  verified: true,
  backends: 3,
  attachedAt: new Date(0),
};

function interval(calls: number, given: Partial<CaptureInterval> = {}): CaptureInterval {
  const query = {
    key: 'k',
    target: 'a',
    fingerprint: 'f',
    databaseOid: 1,
    userOid: 1,
    database: 'shop',
    user: 'app',
    summary: 'SELECT orders',
    text: undefined,
    calls,
    errors: 0,
    durationNs: calls * 1e6,
    sharedBlocksRead: 2,
    tempBlocksWritten: 1,
    walBytes: 100,
    cpuNs: calls * 2e5,
    failures: {},
    waits: [{ type: 'Lock', event: 'tuple', count: 1, waitNs: calls * 8e5 }],
  };
  return {
    at: new Date(2026, 0, 2, 14, 30, 5),
    seconds: 1,
    servers: [server as never],
    queries: [query],
    background: [
      {
        target: 'a',
        fingerprint: 'b',
        databaseOid: 0,
        userOid: 0,
        calls: 0,
        errors: 0,
        backendType: 'walwriter',
        waits: [],
      },
    ],
    io: [],
    locks: { waits: [], untold: 0 },
    losses: {},
    ...given,
  };
}

function draw(live: Live): string[] {
  return live.draw({ columns: 80, rows: 16 }).map(textOf); // too low for a load bar
}

describe('the live view', () => {
  test('before the first interval shows the servers', () => {
    const live = new Live('time');
    live.attached([server]);
    expect(draw(live)[0]).toMatch(/^pgscope top · PostgreSQL 18\.4 · pid 4711 +\d\d:\d\d:\d\d$/);
    expect(draw(live)).toContain('  Attached; the first numbers come after one interval.');
  });

  test('shows the last interval, or smoothed the last ones', () => {
    const live = new Live('time');
    live.interval(interval(10));
    live.interval(interval(30));
    expect(draw(live)[4]).toBe(' 100%     30 1.0ms     –     –   <1%   24K     0     0 SELECT orders');
    live.press('s');
    expect(draw(live)[0]).toContain('last 2 s');
    expect(draw(live)[4]).toMatch(/^ 100% +20 /);
  });

  test('stands still while paused, and goes on from the newest', () => {
    const live = new Live('time');
    live.interval(interval(10));
    live.press(' ');
    live.interval(interval(30));
    expect(draw(live)[4]).toMatch(/^ 100% +10 /);
    live.press(' ');
    expect(draw(live)[4]).toMatch(/^ 100% +30 /);
  });

  test('a selected query is shown over the last ten intervals, also when it does nothing any more', () => {
    const live = new Live('time');
    live.interval(interval(10));
    live.interval(interval(30));
    live.press('\r');
    expect(draw(live)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^20 calls\/s · 0 errors\/s/),
        expect.stringMatching(/^Lock:tuple +32ms 80\.0% █{8} +800µs +2 +16ms$/),
        expect.stringMatching(/^CPU +8\.0ms 20\.0% ██ +200µs$/),
      ]),
    );
    for (let passed = 0; passed < 10; passed++) live.interval(interval(0, { queries: [] }));
    expect(draw(live)).toContain('  It did nothing in the last 10 s.');
    live.press('\u001b');
    expect(draw(live)[4]).toBe('  No statement ended in the last 1 s.');
  });

  test('the load bar knows the last minutes', () => {
    const live = new Live('time', 'waits');
    for (let passed = 0; passed < 5; passed++) live.interval(interval(100 * passed));
    const lines = live.draw({ columns: 80, rows: 24 }).map(textOf);
    expect(lines).toContain('at work       now share            last 5s, 1s each, █ = 0.32');
    expect(lines).toContain('Lock         0.32 80.0% ████████    ▂▄▆█');
    expect(lines).toContain('background   0.00');
  });

  test('shows what people should know for some time, and the last three of it', () => {
    const live = new Live('time');
    for (const word of ['one', 'two', 'three', 'four']) live.notice(`server ${word} has ended`);
    live.interval(interval(1));
    expect(draw(live).slice(2, 6)).toEqual([
      'server two has ended',
      'server three has ended',
      'server four has ended',
      '',
    ]);
    for (let passed = 0; passed < 20; passed++) live.interval(interval(1));
    expect(draw(live)[2]).toBe('');
  });

  test('losses are words', () => {
    expect(lossesOf(interval(1, { losses: { queryTextsRingFull: 3 } }))).toEqual([['query texts ring full', 3]]);
  });
});
