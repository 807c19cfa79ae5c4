import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lifetime } from '../../../operator/profiles/lifetime.js';
import { NOW_MS, profile } from './objects.js';

const at = (ms: number) => new Date(ms).toISOString();
const reports = (...times: string[]) =>
  times.map((attachedAt) => ({
    targets: [{ containerID: 'c://1', state: 'Attached' as const, reason: 'Attached', message: '', attachedAt }],
  }));
const completed = [
  { type: 'Completed', status: 'True' as const, reason: 'Expired', message: '', lastTransitionTime: at(NOW_MS) },
];

function live(duration: string | undefined, status: object = {}, times: string[] = [], nowMs = NOW_MS) {
  return lifetime({ profile: profile({ selector: {} }, { status }), duration, reports: reports(...times), nowMs });
}

test('nothing begins before the first target is attached', () => {
  expect(live('10m')).toEqual({ completed: false });
});

test('counts from the first attachment', () => {
  expect(live('10m', {}, ['2026-03-01T11:58:00Z', '2026-03-01T11:56:00Z'])).toEqual({
    startedAt: '2026-03-01T11:56:00.000Z',
    expiresAt: '2026-03-01T12:06:00.000Z',
    completed: false,
  });
});

test('what began stays so: a restarted container is attached anew', () => {
  const startedAt = '2026-03-01T11:55:00Z';
  expect(live('10m', { startedAt }, ['2026-03-01T11:59:00Z'])).toMatchObject({ startedAt });
});

describe('clocks of agents', () => {
  test('that are late do not end a profile before it was made', () => {
    expect(live('2h', {}, ['1999-01-01T00:00:00Z'])).toMatchObject({
      startedAt: '2026-03-01T11:00:00.000Z',
      completed: false,
    });
  });
  test('that are early do not put it off', () => {
    expect(live('1m', {}, ['2030-01-01T00:00:00Z'])).toMatchObject({ startedAt: at(NOW_MS) });
  });
  test('that say nothing readable say nothing', () => {
    expect(live('1m', {}, ['soon'])).toEqual({ completed: false });
  });
});

test('the end may have passed while nobody looked', () => {
  expect(live('10m', { startedAt: '2026-03-01T09:00:00Z', expiresAt: '2026-03-01T09:10:00Z' })).toMatchObject({
    expiresAt: '2026-03-01T09:10:00.000Z',
    completed: true,
  });
});

describe('an edited duration', () => {
  const running = { startedAt: '2026-03-01T11:55:00Z', expiresAt: '2026-03-01T12:05:00Z' };
  test('extends what runs', () => {
    expect(live('20m', running)).toMatchObject({ expiresAt: '2026-03-01T12:15:00.000Z', completed: false });
  });
  test('that is over already ends it', () => expect(live('1m', running).completed).toBe(true));
  test('taken away leaves no end', () => {
    expect(live(undefined, running)).toEqual({ startedAt: running.startedAt, completed: false });
  });
  test('does not start again what is over', () => {
    const over = { ...running, conditions: completed };
    for (const duration of ['20m', '100h', undefined]) {
      expect(live(duration, over, ['2026-03-01T11:59:00Z'])).toEqual({ ...running, completed: true });
    }
  });
});

test('once over, always over; and never over before the end', () => {
  const minutes = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(minutes, minutes, minutes, (began, length, passed) => {
      const startedAt = at(NOW_MS - began * 60_000);
      const life = live(`${length}m`, { startedAt });
      expect(life.completed).toBe(began >= length);
      const stored = { ...life, conditions: life.completed ? completed : [] };
      const later = live(`${length}m`, stored, [], NOW_MS + passed * 60_000);
      expect(later.completed).toBe(began + passed >= length);
      expect(later.startedAt).toBe(startedAt);
    }),
  );
});
