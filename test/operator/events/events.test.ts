import { beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError } from '../../../kube/client.js';
import { createAllowance } from '../../../operator/events/allowance.js';
import { createEventRecorder, type EventRecorder, type ProfileEvent } from '../../../operator/events.js';
import { type MemoryApi, memoryApi } from '../apply/memory-api.js';
import { NOW_MS } from '../profiles/objects.js';

let api: MemoryApi;
let clock: { ms: number; now(): number };
let logs: string[];
let recorder: EventRecorder;

beforeEach(() => {
  api = memoryApi();
  clock = { ms: NOW_MS, now: () => clock.ms };
  logs = [];
  recorder = createEventRecorder({ client: api, clock, instance: 'operator-0', onLog: (line) => logs.push(line) });
});

const event = (change: Partial<ProfileEvent> = {}): ProfileEvent => ({
  regarding: { namespace: 'shop', name: 'orders', uid: 'uid-orders' },
  type: 'Normal',
  reason: 'Profiling',
  action: 'Profile',
  note: 'Every server is being profiled.',
  ...change,
});

test('an Event, as kubectl describe shows it', async () => {
  recorder.record(event());
  await recorder.settled();
  const [[path, object] = []] = [...api.objects];
  expect(path).toMatch(/^\/apis\/events\.k8s\.io\/v1\/namespaces\/shop\/events\/orders\.[0-9a-f]+$/);
  expect(object).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: 'shop' },
    eventTime: '2026-03-01T12:00:00.000000Z',
    reportingController: 'pgscope.dev/operator',
    reportingInstance: 'operator-0',
    regarding: {
      apiVersion: 'pgscope.dev/v1alpha1',
      kind: 'PostgresProfile',
      namespace: 'shop',
      name: 'orders',
      uid: 'uid-orders',
    },
    type: 'Normal',
    reason: 'Profiling',
    note: 'Every server is being profiled.',
  });
});

test('one that is repeated becomes a series, until it is old', async () => {
  for (let second = 0; second < 3; second++) {
    recorder.record(event());
    clock.ms += 1000;
  }
  await recorder.settled();
  expect(api.objects.size).toBe(1);
  expect([...api.objects.values()][0]).toMatchObject({ series: { count: 3 } });
  clock.ms += 600_000;
  recorder.record(event());
  recorder.record(event({ reason: 'Suspended' }));
  await recorder.settled();
  expect(api.objects.size).toBe(3);
});

test('a long note is cut to the bytes that the API server takes', async () => {
  recorder.record(event({ note: 'ü'.repeat(1000) }));
  await recorder.settled();
  const { note } = [...api.objects.values()][0] as unknown as { note: string };
  expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
  expect(note).toMatch(/^ü{500,}…$/);
});

describe('what cannot be told is logged and forgotten', () => {
  test('because the API server refuses it', async () => {
    api.failure = () => new KubeError('no', { code: 403, reason: 'Forbidden' });
    recorder.record(event());
    await recorder.settled();
    expect(logs).toEqual(['event Profiling about profile shop/orders was not written: KubeError: no']);
    api.failure = undefined;
    recorder.record(event());
    await recorder.settled();
    expect(api.objects.size).toBe(1);
  });

  test('because there are too many', async () => {
    for (let index = 0; index < 30; index++) recorder.record(event({ note: String(index) }));
    await recorder.settled();
    expect(api.objects.size).toBe(20);
    expect(logs).toHaveLength(10);
  });
});

test('an allowance comes back with time, for each object by itself', () => {
  const allowance = createAllowance(clock);
  const taken = (uid: string, tries: number) =>
    Array.from({ length: tries }, () => allowance.take(uid)).filter(Boolean).length;
  expect(taken('a', 30)).toBe(20);
  expect(taken('b', 1)).toBe(1);
  clock.ms += 120_000;
  expect(taken('a', 30)).toBe(2);
  clock.ms += 24 * 3_600_000;
  expect(taken('a', 30)).toBe(20);
});
