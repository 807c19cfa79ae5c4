/** What a reflector does as time passes: by a clock that the test moves. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitUntil } from '../servers/wait.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { createFakeClock, type FakeClock } from './clocks.js';
import { LIMIT_MS, type PodReflector, reflectPods } from './pod-reflector.js';

let clock: FakeClock;
let server: ApiServer;
let pods: PodReflector;

beforeEach(async () => {
  clock = createFakeClock();
  server = await startApiServer({ clock });
  server.pods.put('a');
});

afterEach(async () => {
  await pods.stop();
  expect(await waitUntil(() => server.connections === 0, LIMIT_MS)).toBe(true);
  await server.down();
  expect({ timers: clock.timers, faults: pods.faults }).toEqual({ timers: 0, faults: [] });
});

async function until(condition: () => boolean): Promise<void> {
  if (!(await waitUntil(condition, LIMIT_MS)))
    throw new Error(`it never came: ${JSON.stringify(pods.reflector.progress)}\n${pods.log.join('\n')}`);
}

const count = (verb: string): number => server.requests.filter((request) => request.verb === verb).length;
const watching = (): Promise<void> => until(() => server.streams.size === 1 && clock.timers === 2);

test('an hour of bookmarks only: no list, few watches, and a resource version that stays young', async () => {
  pods = reflectPods(server, { clock });
  await watching();
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance(60_000);
    // The server has ended the watch; another follows at once.
    await watching();
    server.pods.pass();
    server.bookmark();
    await until(() => pods.reflector.progress.lastEventAt === clock.now());
    server.pods.compact();
  }
  expect(pods.reflector.progress).toMatchObject({ lists: 1, failures: 0 });
  // Each lasts 3 to 6 minutes, and ends with a minute.
  expect(count('watch')).toBeLessThanOrEqual(21);
  server.endWatches();
  clock.advance(10_000);
  server.pods.put('b');
  await until(() => pods.reflector.store.size === 2);
  expect(count('list')).toBe(1);
});

test.each(['stall', 'silence'] as const)(
  'a watch of %s is given up when it outlives its time by half a minute',
  async (kind) => {
    server.faults.watch.push({ kind });
    pods = reflectPods(server, { clock });
    await until(() => count('watch') === 1 && clock.timers === (kind === 'stall' ? 2 : 1));
    const timeoutMs = Number(server.requests.at(-1)?.query.get('timeoutSeconds')) * 1000;
    clock.advance(timeoutMs + 29_999);
    expect(pods.log).toEqual([]);
    clock.advance(1);
    await until(() => pods.log.length === 1 && clock.timers === 1);
    expect(pods.log[0]).toBe(`pods: GET /api/v1/pods: nothing came for ${timeoutMs / 1000 + 30} s`);
    server.pods.put('b');
    clock.advance(1600);
    await until(() => pods.reflector.store.size === 2);
    expect(count('list')).toBe(1);
  },
);

test('Retry-After is obeyed, at list and at watch', async () => {
  server.faults.list.push({ kind: 'status', code: 429, retryAfterS: 7 });
  server.faults.watch.push({ kind: 'status', code: 429, retryAfterS: 9 });
  pods = reflectPods(server, { clock });
  await until(() => pods.log.length === 1 && clock.timers === 1);
  clock.advance(6999);
  expect(clock.timers).toBe(1);
  clock.advance(1);
  await until(() => clock.timers === 1 && count('list') === 1);
  clock.advance(1600);
  await until(() => pods.log.length === 2 && clock.timers === 1);
  const asked = clock.now();
  clock.advance(8999);
  clock.advance(1);
  await watching();
  expect(server.requests.at(-1)?.at).toBe(asked + 9000);
  expect(count('watch')).toBe(2);
});

test('stopped during a list, it leaves no watch', async () => {
  server.faults.list.push({ kind: 'silence' });
  pods = reflectPods(server, { clock });
  await until(() => count('list') === 1);
  const synced = pods.reflector.whenSynced();
  await pods.reflector.stop();
  await expect(synced).rejects.toThrow('pods: the reflector was stopped');
  expect({ timers: clock.timers, watches: count('watch') }).toEqual({ timers: 0, watches: 0 });
  expect(() => pods.reflector.start()).toThrow('make a new reflector');
});

test('stopped during a pause and during a watch, it leaves nothing', async () => {
  server.faults.watch.push({ kind: 'status', code: 500 });
  pods = reflectPods(server, { clock });
  await until(() => pods.log.length === 1 && clock.timers === 1);
  await pods.reflector.stop();
  expect(clock.timers).toBe(0);
  pods.client.close();
  pods = reflectPods(server, { clock });
  await watching();
  await pods.reflector.stop();
  await until(() => server.streams.size === 0);
  server.pods.put('b');
  expect(pods.reflector.store.size).toBe(1);
});

test('waiting for the first list can be given up', async () => {
  server.faults.list.push({ kind: 'silence' });
  pods = reflectPods(server, { clock });
  const why = new Error('no more time');
  await expect(pods.reflector.whenSynced(AbortSignal.abort(why))).rejects.toBe(why);
});
