import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStatusWriter, type StatusWriter } from '../../../agent/node/status-writer.js';
import type { NodeProfileStatus } from '../../../api/node-profile.js';
import { KubeError, type KubeRequest } from '../../../kube/client.js';
import { profile } from './profiles.js';

const one = profile('orders');
const status = (state: 'Attached' | 'Pending', lostEvents = 0): NodeProfileStatus => ({
  observedGeneration: 3,
  targets: [{ containerID: 'c', state, reason: state, message: '' }],
  lostEvents,
  conditions: [],
});

let requests: KubeRequest[];
let answer: () => Error | undefined;
let clockMs: number;
let writer: StatusWriter;
let logs: string[];

beforeEach(() => {
  requests = [];
  logs = [];
  clockMs = 1e6;
  answer = () => undefined;
  const client = {
    async request<T>(request: KubeRequest): Promise<T> {
      requests.push(request);
      const error = answer();
      if (error !== undefined) throw error;
      return undefined as T;
    },
  };
  writer = createStatusWriter({ client, onLog: (line) => logs.push(line), now: () => clockMs });
});
afterEach(() => writer.stop());

async function offer(offered: NodeProfileStatus): Promise<number> {
  writer.offer(one, offered);
  await new Promise(setImmediate);
  return requests.length;
}

test('transitions are written at once, numbers each half minute, and nothing twice', async () => {
  expect(await offer(status('Pending'))).toBe(1);
  expect(requests[0]).toMatchObject({
    method: 'PATCH',
    path: '/apis/pgscope.dev/v1alpha1/namespaces/shop/nodeprofiles/orders/status',
    query: { fieldManager: 'pgscope-agent' },
    contentType: 'application/merge-patch+json',
    body: { status: status('Pending') },
  });
  expect(await offer(status('Pending'))).toBe(1);
  expect(await offer(status('Attached'))).toBe(2);
  expect(await offer(status('Attached', 5))).toBe(2);
  clockMs += 30_000;
  expect(await offer(status('Attached', 5))).toBe(3);
  clockMs += 300_000;
  expect(await offer(status('Attached', 5))).toBe(3);
  expect(writer.last(one)).toEqual(status('Attached', 5));
});

test('a write that fails is tried again, later and later, and told once', async () => {
  answer = () => new KubeError('PATCH: 500', { code: 500, reason: 'InternalError' });
  let seconds = 0;
  for (; seconds < 600; seconds += 1) {
    await offer(status('Pending'));
    clockMs += 1000;
  }
  expect(requests.length).toBeGreaterThan(5);
  expect(requests.length).toBeLessThan(20);
  expect(logs).toHaveLength(1);
  expect(writer.failures).toBe(requests.length);
  answer = () => undefined;
  clockMs += 60_000;
  const before = requests.length;
  expect(await offer(status('Pending'))).toBe(before + 1);
  expect(await offer(status('Pending'))).toBe(before + 1);
});

test('what the server asks to wait for is waited for', async () => {
  answer = () => new KubeError('PATCH: 429', { code: 429, reason: 'TooManyRequests', retryAfterMs: 20_000 });
  expect(await offer(status('Pending'))).toBe(1);
  clockMs += 19_000;
  expect(await offer(status('Pending'))).toBe(1);
  clockMs += 1000;
  expect(await offer(status('Pending'))).toBe(2);
});

test('an object that is gone is left alone; its successor of the same name is not', async () => {
  answer = () => new KubeError('PATCH: 404', { code: 404, reason: 'NotFound' });
  expect(await offer(status('Pending'))).toBe(1);
  clockMs += 600_000;
  expect(await offer(status('Attached'))).toBe(1);
  expect([writer.failures, logs]).toEqual([0, []]);
  answer = () => undefined;
  const successor = { ...one, metadata: { ...one.metadata, uid: 'another' } };
  writer.offer(successor, status('Pending'));
  writer.keep([successor]);
  expect(requests).toHaveLength(2);
});

test('nothing is written after the end', async () => {
  await writer.stop();
  expect(await offer(status('Pending'))).toBe(0);
});
