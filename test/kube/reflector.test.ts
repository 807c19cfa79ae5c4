/** In every case of a misbehaving server: the store ends as the server's, changes replayed give the same, and requests are few. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitUntil } from '../servers/wait.js';
import type { Fault } from './api-server/faults.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { createFastClock } from './clocks.js';
import { LIMIT_MS, type PodReflector, type PodReflectorOptions, projectPod, reflectPods } from './pod-reflector.js';

/** Back-off of 0.8 s to 30 s passes in 40 ms to 1.5 s. */
const clock = createFastClock(20);
const rejections: unknown[] = [];
const onRejection = (reason: unknown): unknown => rejections.push(reason);
let server: ApiServer;
let pods: PodReflector | undefined;

beforeEach(async () => {
  rejections.length = 0;
  process.on('unhandledRejection', onRejection);
  server = await startApiServer({ clock });
  for (const name of ['a', 'b', 'c']) server.pods.put(name, 'ü€😀');
});

afterEach(async () => {
  await pods?.stop();
  const closed = await waitUntil(() => server.connections === 0, LIMIT_MS);
  await server.down();
  process.off('unhandledRejection', onRejection);
  expect({ rejections, faults: pods?.faults ?? [], closed }).toEqual({ rejections: [], faults: [], closed: true });
});

async function start(options: PodReflectorOptions = {}): Promise<PodReflector> {
  pods = reflectPods(server, { clock, ...options });
  await pods.reflector.whenSynced(AbortSignal.timeout(LIMIT_MS));
  return pods;
}

async function settled(most: { lists: number; watches: number }): Promise<void> {
  await pods?.settle();
  expect(pods?.replayed()).toEqual(server.pods.summary());
  const count = (verb: string): number => server.requests.filter((request) => request.verb === verb).length;
  expect(count('list')).toBeLessThanOrEqual(most.lists);
  expect(count('watch')).toBeLessThanOrEqual(most.watches);
}

const watching = async (): Promise<void> => {
  expect(await waitUntil(() => server.streams.size === 1, LIMIT_MS)).toBe(true);
};

function change(): void {
  server.pods.put('b', '€uro');
  server.pods.remove('c');
  server.pods.put('d');
  server.pods.remove('a');
  server.pods.put('a', 'again');
}

test('lists in pages, then follows with bookmarks', async () => {
  const { reflector } = await start({ pageSize: 2 });
  await watching();
  change();
  await settled({ lists: 2, watches: 1 });
  const [first, second, watch] = server.requests.map(({ query }) => query);
  expect(first?.get('resourceVersion')).toBeNull();
  expect(first?.get('limit')).toBe('2');
  expect(second?.get('continue')).toMatch(/./);
  expect(watch?.get('resourceVersion')).toBe('1003');
  expect(watch?.get('allowWatchBookmarks')).toBe('true');
  expect(Number(watch?.get('timeoutSeconds'))).toBeGreaterThanOrEqual(180);
  expect(reflector.progress).toMatchObject({ lists: 1, watches: 1, failures: 0 });
});

test('an object deleted and recreated under one name is deleted, then added', async () => {
  const { reflector, changes } = await start();
  await watching();
  changes.length = 0;
  const old = reflector.store.get('shop/a');
  server.pods.remove('a');
  server.pods.put('a');
  await settled({ lists: 1, watches: 1 });
  expect(changes).toEqual([
    { type: 'deleted', object: old },
    { type: 'added', object: reflector.store.get('shop/a') },
  ]);
});

test.each([false, true])(
  'so it is when that happened during a disconnect, history forgotten: %s',
  async (forgotten) => {
    const { reflector, changes } = await start();
    await watching();
    const old = reflector.store.get('shop/a');
    changes.length = 0;
    await server.down();
    server.pods.remove('a');
    server.pods.put('a');
    if (forgotten) server.pods.compact();
    await server.up();
    await settled({ lists: 2, watches: 10 });
    expect(changes).toEqual([
      { type: 'deleted', object: old },
      { type: 'added', object: reflector.store.get('shop/a') },
    ]);
  },
);

describe('faults of lists', () => {
  const cases: [string, Fault[]][] = [
    [
      '500',
      [
        { kind: 'status', code: 500 },
        { kind: 'status', code: 500 },
      ],
    ],
    ['429', [{ kind: 'status', code: 429, retryAfterS: 2 }]],
    ['403, then allowed', [{ kind: 'status', code: 403 }]],
    ['401, then fine', [{ kind: 'status', code: 401 }]],
    ['410', [{ kind: 'status', code: 410, reason: 'Expired' }]],
    ['RST', [{ kind: 'reset' }, { kind: 'reset' }]],
    ['RST within the body', [{ kind: 'cut' }]],
    ['no JSON', [{ kind: 'noise' }]],
    ['silence', [{ kind: 'silence' }]],
  ];
  test.each(cases)('%s', async (_, faults) => {
    server.faults.list.push(...faults);
    await start();
    await settled({ lists: faults.length + 1, watches: 1 });
  });

  test('a continue token that expires: the list begins anew', async () => {
    server.faults.list.push(undefined, { kind: 'status', code: 410, reason: 'Expired' });
    const { log } = await start({ pageSize: 2 });
    await settled({ lists: 4, watches: 1 });
    expect(log).toEqual(['pods: GET /api/v1/pods: 410 Expired: the test asks for 410']);
  });
});

describe('faults of watches', () => {
  const cases: [string, { fault: Fault; lists: number; watches: number }][] = [
    ['410', { fault: { kind: 'status', code: 410, reason: 'Expired' }, lists: 2, watches: 2 }],
    ['410 as an event', { fault: { kind: 'errorEvent', code: 410, reason: 'Expired' }, lists: 2, watches: 2 }],
    ['500', { fault: { kind: 'status', code: 500 }, lists: 1, watches: 2 }],
    ['500 as an event', { fault: { kind: 'errorEvent', code: 500, reason: 'InternalError' }, lists: 1, watches: 2 }],
    ['429', { fault: { kind: 'status', code: 429, retryAfterS: 2 }, lists: 1, watches: 2 }],
    ['401, then fine', { fault: { kind: 'status', code: 401 }, lists: 1, watches: 2 }],
    ['RST', { fault: { kind: 'reset' }, lists: 1, watches: 3 }],
    ['RST after an event', { fault: { kind: 'resetAfterEvent' }, lists: 1, watches: 2 }],
    ['RST within the head', { fault: { kind: 'cut' }, lists: 1, watches: 2 }],
    ['no JSON at all', { fault: { kind: 'noise' }, lists: 1, watches: 2 }],
    ['a garbage line', { fault: { kind: 'noiseLine' }, lists: 1, watches: 2 }],
    ['a line without end', { fault: { kind: 'longLine', bytes: 17 * 1024 * 1024 }, lists: 1, watches: 2 }],
    ['a line cut off', { fault: { kind: 'cutLine' }, lists: 1, watches: 2 }],
    ['lines in pieces', { fault: { kind: 'pieces' }, lists: 1, watches: 1 }],
    ['the end, at once', { fault: { kind: 'end' }, lists: 1, watches: 2 }],
    ['events twice', { fault: { kind: 'twice' }, lists: 1, watches: 1 }],
    ['older events again', { fault: { kind: 'repeats' }, lists: 3, watches: 3 }],
    ['events in the wrong order', { fault: { kind: 'swapped' }, lists: 3, watches: 3 }],
  ];
  test.each(cases)(
    '%s',
    async (_, { fault, ...most }) => {
      server.faults.watch.push(fault);
      await start();
      await waitUntil(() => server.requests.some(({ verb }) => verb === 'watch'), LIMIT_MS);
      change();
      for (const stream of server.streams) stream.flush();
      await settled(most);
    },
    60_000,
  );

  test('a watch that can never be opened at its position ends in a new list', async () => {
    for (let count = 0; count < 5; count += 1)
      server.faults.watch.push({ kind: 'status', code: 504, reason: 'Timeout' });
    await start();
    expect(await waitUntil(() => pods?.reflector.progress.lists === 2, LIMIT_MS)).toBe(true);
    change();
    await settled({ lists: 2, watches: 6 });
  });

  test('a server that forgets at once is not asked without pause', async () => {
    for (let count = 0; count < 5; count += 1)
      server.faults.watch.push({ kind: 'status', code: 410, reason: 'Expired' });
    await start();
    const listed = (): boolean => server.requests.filter(({ verb }) => verb === 'list').length === 6;
    expect(await waitUntil(listed, LIMIT_MS)).toBe(true);
    change();
    await settled({ lists: 6, watches: 6 });
    const lists = server.requests.filter(({ verb }) => verb === 'list').map(({ at }) => at);
    const pauses = lists.slice(1).map((at, index) => at - (lists[index] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(800);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(12_800);
  }, 60_000);
});

test('a server that is away for a while finds its reflector where it was', async () => {
  const { reflector } = await start();
  await watching();
  await server.down();
  expect(await waitUntil(() => reflector.progress.failures >= 3, LIMIT_MS)).toBe(true);
  expect(reflector.store.size).toBe(3);
  change();
  await server.up();
  await settled({ lists: 1, watches: 3 });
});

test('a listener that throws and one that rejects are logged, and the others are told', async () => {
  pods = reflectPods(server, {
    clock,
    listeners: [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
    ],
  });
  await settled({ lists: 1, watches: 1 });
  expect(pods.log.filter((line) => line.includes('a listener failed: Error: thrown'))).toHaveLength(3);
  expect(
    await waitUntil(() => pods?.log.filter((line) => line.includes('failed: Error: rejected')).length === 3, LIMIT_MS),
  ).toBe(true);
});

test('an object that cannot be projected is left out, and one that no longer can is deleted', async () => {
  const project: PodReflectorOptions['project'] = (raw) => {
    const pod = projectPod(raw);
    if (pod.label === 'bad') throw new Error('no such label');
    return pod;
  };
  server.pods.put('c', 'bad');
  const { reflector, log } = await start({ project });
  expect(reflector.store.size).toBe(2);
  await watching();
  server.pods.put('a', 'bad');
  server.pods.put('c', 'good');
  expect(
    await waitUntil(
      () => [...reflector.store.values()].map(({ metadata }) => metadata.name).join() === 'b,c',
      LIMIT_MS,
    ),
  ).toBe(true);
  expect(log[0]).toBe('pods: shop/c is left out, it cannot be read: no such label');
});

test('20,000 pods in pages', async () => {
  for (let index = 0; index < 20_000; index += 1) server.pods.put(`pod-${index}`);
  const { reflector } = await start();
  expect(reflector.store.size).toBe(20_003);
  await watching();
  for (let index = 0; index < 20_000; index += 100) server.pods.remove(`pod-${index}`);
  await settled({ lists: 41, watches: 1 });
}, 60_000);
