import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KubeError } from '../../../kube/client.js';
import { deleteObject, eachOf, makeItSo } from '../../../operator/apply.js';
import { canonical } from '../../../operator/canonical.js';
import type { RawObject } from '../profiles/objects.js';
import { conflict, type MemoryApi, memoryApi, notFound } from './memory-api.js';

const { signal } = new AbortController();
const path = (name: string) => `/things/${name}`;

interface Thing {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: unknown;
}

const thing = (name: string, value: number): Thing => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name },
  spec: { value },
});

function make(api: MemoryApi, wanted: Thing[]) {
  const isMet = (one: Thing, stored: RawObject) => canonical(one.spec) === canonical(stored.spec);
  return makeItSo({ client: api, wanted, present: [...api.objects.values()], isMet, path, signal });
}

test('writes exactly the difference, and then nothing', async () => {
  const things = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2));
  await fc.assert(
    fc.asyncProperty(things, things, async (before, after) => {
      const list = (values: Record<string, number>) =>
        Object.entries(values).map(([name, value]) => thing(name, value));
      const api = memoryApi();
      await make(api, list(before));
      api.writes.length = 0;
      await make(api, list(after));
      expect([...api.objects.keys()].sort()).toEqual(Object.keys(after).map(path).sort());
      const names = new Set([...Object.keys(before), ...Object.keys(after)]);
      expect(api.writes).toHaveLength([...names].filter((name) => before[name] !== after[name]).length);
      expect(await make(api, list(after))).toEqual({ applied: [], deleted: [] });
    }),
  );
});

test('deletes an object, and no other that came under its name', async () => {
  const api = memoryApi();
  await make(api, [thing('a', 1)]);
  await deleteObject(api, path('a'), 'another', signal);
  expect(api.objects.size).toBe(1);
  await deleteObject(api, path('b'), 'gone', signal);
  api.failure = () => new KubeError('no', { code: 403, reason: 'Forbidden' });
  await expect(deleteObject(api, path('a'), 'x', signal)).rejects.toThrow('no');
});

test('tries every entry, a few at a time, and throws what failed', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const task = async (entry: number) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    seen.push(entry);
    if (entry % 50 === 0) throw entry === 0 ? notFound('0') : conflict(String(entry));
  };
  const entries = Array.from({ length: 100 }, (_, index) => index);
  await expect(eachOf(entries, task)).rejects.toThrow('2 requests failed; the first: KubeError: 0: not found');
  expect(seen).toHaveLength(100);
  expect(most).toBe(8);
  await expect(eachOf([50], task)).rejects.toBeInstanceOf(KubeError);
});
