import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { placeKey } from '../../../agent/containers/cgroup.js';
import { createContainerFollower, type WantedContainer } from '../../../agent/containers/follow.js';
import type { ContainerProcesses } from '../../../agent/containers/processes.js';

const POD = '3f2b1c4d-0000-4000-8000-1234567890ab';
const container = (digit: string, lookOnly = false): WantedContainer => {
  return { id: digit.repeat(64), podUID: POD, name: `shop/orders-db-${digit}/postgres`, lookOnly };
};
const [A, B, C] = ['a', 'b', 'c'].map((digit) => container(digit)) as [
  WantedContainer,
  WantedContainer,
  WantedContainer,
];
const SCAN_COST_MS = 50;
/** A two hundredth of a core. */
const REST_MS = SCAN_COST_MS * 200;

/** A process that is no postmaster. */
let sidecar: ChildProcess;
beforeAll(() => {
  sidecar = spawn('sleep', ['600']);
});
afterAll(() => {
  sidecar.kill();
});

/** What is in which container, and what of it the last scan saw. */
class Table implements ContainerProcesses {
  scans = 0;
  looks = 0;
  lookCostMs = 0;
  readonly present = new Set<string>();
  #seen = new Set<string>();

  scan(): void {
    this.scans += 1;
    clockMs += SCAN_COST_MS;
    this.#seen = new Set(this.present);
  }

  of(place: WantedContainer): number[] {
    this.looks += 1;
    clockMs += this.lookCostMs;
    return this.#seen.has(placeKey(place)) ? [sidecar.pid ?? 0] : [];
  }

  isElsewhere(): boolean {
    return false;
  }
}

let clockMs: number;
let table: Table;
let follower: ReturnType<typeof createContainerFollower>;
beforeEach(() => {
  clockMs = 1_000_000;
  table = new Table();
  for (const one of [A, B, C]) table.present.add(placeKey(one));
  follower = createContainerFollower({ processes: table, now: () => clockMs });
});
const sights = (...of: WantedContainer[]) => of.map((one) => follower.sight(placeKey(one)));
/** As the agent's loop does it: a step now, and then one whenever a poll has something to do. */
function runFor(ms: number): void {
  const end = clockMs + ms;
  follower.poll();
  while (follower.nextPollAt <= end) {
    clockMs = Math.max(clockMs, follower.nextPollAt);
    follower.poll();
  }
  clockMs = Math.max(clockMs, end);
}

describe('a container that is wanted newly', () => {
  test('is seen at once, among the processes of the last scan', () => {
    follower.want([A]);
    follower.poll();
    follower.want([A, B]);
    expect(sights(A, B)).toEqual(['processes', 'nothing']);
    expect(follower.nextPollAt).toBeLessThanOrEqual(clockMs);
    follower.poll();
    expect(sights(A, B)).toEqual(['processes', 'processes']);
    expect(table.scans).toBe(1);
  });

  test('is scanned for a second after the last scan, however long that took, and then no sooner than others', () => {
    table.present.delete(placeKey(B));
    follower.want([A]);
    follower.poll();
    const scannedAt = clockMs;
    follower.want([A, B]);
    follower.poll();
    expect(follower.nextPollAt).toBe(scannedAt + 1000);
    clockMs = scannedAt + 1000;
    table.present.add(placeKey(B));
    follower.poll();
    expect(sights(B)).toEqual(['processes']);
    expect(table.scans).toBe(2);
    expect(follower.nextPollAt).toBe(clockMs + REST_MS);
  });

  test('is scanned for at once where the last scan is long ago', () => {
    follower.want([A]);
    follower.poll();
    table.present.clear();
    clockMs += 5000;
    follower.want([A, B]);
    table.present.add(placeKey(B));
    follower.poll();
    expect(sights(B)).toEqual(['processes']);
    expect(table.scans).toBe(2);
  });

  test('costs one scan together with all that are wanted with it', () => {
    follower.want([A]);
    follower.poll();
    table.present.clear();
    follower.want([A, B, C]);
    runFor(REST_MS - 1);
    expect(table.scans).toBe(2);
  });

  test('costs one scan a second at most, also where there is always another', () => {
    follower.want([A]);
    follower.poll();
    for (let i = 0; i < 1000; i += 1) {
      follower.want([A, container(i.toString(16).padStart(4, '0'))]);
      runFor(10);
    }
    expect(table.scans).toBeGreaterThan(5);
    expect(table.scans).toBeLessThanOrEqual(11);
  });

  test('costs a tenth of a core at most where it has many processes', () => {
    table.lookCostMs = 100;
    follower.want([A]);
    follower.poll();
    table.looks = 0;
    for (let i = 0; i < 1000; i += 1) {
      follower.want(i % 2 === 0 ? [] : [B]);
      runFor(10);
    }
    expect(table.looks).toBeGreaterThan(2);
    expect(table.looks).toBeLessThanOrEqual(22);
  });
});

test('a container that was only looked at is looked into when its servers are wanted, without a scan', () => {
  follower.want([container('a', true)]);
  follower.poll();
  table.looks = 0;
  follower.want([A]);
  follower.poll();
  expect([table.looks, table.scans]).toEqual([1, 1]);
  follower.poll();
  expect([table.looks, table.scans]).toEqual([1, 1]);
});

test('nothing is scanned while nothing is wanted', () => {
  expect(follower.nextPollAt).toBe(Number.POSITIVE_INFINITY);
  follower.poll();
  expect(table.scans).toBe(0);
});
