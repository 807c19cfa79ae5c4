import { describe, expect, test } from '@jest/globals';
import { STATUS_PERIOD_MS, statusWrite } from '../../../operator/profiles/status-write.js';
import { NOW_MS, pod, profile } from './objects.js';
import { assessed } from './scene.js';

const { status } = assessed({ pods: [pod('a')] });
const decide = (next: typeof status, lastWriteMs?: number) => statusWrite(status, next, { nowMs: NOW_MS, lastWriteMs });

describe('a status is written', () => {
  test('never if it is stored, in whatever order', () => {
    expect(decide({ ...status, conditions: status.conditions?.toReversed() })).toBe('never');
  });

  test.each([
    ['a condition', assessed({ pods: [pod('a')], report: () => ({}) }).status],
    ['a generation', { ...status, observedGeneration: 2 }],
    ['the end', { ...status, expiresAt: '2026-03-01T12:10:00Z' }],
    ['the first one', assessed({ profile: profile({ podName: 'x' }) }).status],
  ])('at once: %s', (_, next) => {
    expect(decide(next, NOW_MS - 1)).toBe('now');
  });

  test('else at most every 30 s', () => {
    const next = { ...status, lostEvents: 10 };
    expect(decide(next)).toBe('now');
    expect(decide(next, NOW_MS - 10_000)).toEqual({ afterMs: 20_000 });
    expect(decide(next, NOW_MS - STATUS_PERIOD_MS)).toBe('now');
    // The clock was set back.
    expect(decide(next, NOW_MS + 1)).toBe('now');
  });
});
