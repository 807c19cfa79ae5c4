import { describe, expect, test } from '@jest/globals';
import { backoffMs, DEFAULT_RETRY, retryAfterMs } from '../../../../agent/telemetry/export/backoff.js';

test('waits double up to the limit, with half of each left to chance', () => {
  const longest = [1, 2, 3, 4, 5, 6, 100].map((failures) => backoffMs(failures, DEFAULT_RETRY, 1));
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  expect(backoffMs(1, DEFAULT_RETRY, 0)).toBe(500);
});

describe('Retry-After', () => {
  const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:27:30 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
