import { expect, test } from '@jest/globals';
import { createBackoff } from '../../../kube/reflector/backoff.js';

test('pauses double from 0.8 s to 30 s, each up to twice as long by chance', () => {
  const least = createBackoff(() => 0);
  const pauses = Array.from({ length: 8 }, () => least.next(0));
  expect(pauses).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  const most = createBackoff(() => 1);
  expect(Array.from({ length: 6 }, () => most.next(0))).toEqual([1600, 3200, 6400, 12_800, 25_600, 30_000]);
});

test('begins anew after a success, and after two minutes without a failure', () => {
  const backoff = createBackoff(() => 0);
  backoff.next(0);
  expect(backoff.next(120_000)).toBe(1600);
  expect(backoff.next(240_001)).toBe(800);
  backoff.reset();
  expect(backoff.next(240_002)).toBe(800);
});
