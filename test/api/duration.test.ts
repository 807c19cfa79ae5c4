import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DURATION_PATTERN, durationMs, durationNs, durationProblem, formatDuration } from '../../api/duration.js';

describe('durationNs', () => {
  test.each([
    ['0ms', 0],
    ['100ms', 100e6],
    ['250us', 250e3],
    ['15s', 15e9],
    ['10m', 600e9],
    ['1h30m', 5400e9],
    ['1m0s5ms', 60_005e6],
    ['2400h', 8_640_000e9],
  ])('%s', (text, ns) => {
    expect(durationNs(text)).toBe(ns);
  });

  test('throws a sentence for people', () => {
    expect(() => durationNs('100')).toThrow(new RangeError('"100" has no unit; write for example 100ms'));
  });
});

test('durationMs keeps microseconds as a fraction', () => {
  expect(durationMs('1s500us')).toBe(1000.5);
});

describe('durationProblem', () => {
  test.each([
    ['', 'is empty; write a number and its unit, for example 100ms'],
    ['100', 'has no unit; write for example 100ms'],
    ['-1s', 'is negative; write for example 100ms'],
    ['1.5s', 'has a fraction; write whole numbers, for example 1500ms for 1.5s'],
    ['1d', 'has the unknown unit "d"; the units are h, m, s, ms and us'],
    ['5 min', 'has the unknown unit "min"; the units are h, m, s, ms and us'],
    ['1constructor', 'has the unknown unit "constructor"; the units are h, m, s, ms and us'],
    ['100MS', 'has the unknown unit "MS"; the units are h, m, s, ms and us'],
    ['1m 30s', 'is no duration; write each number with its unit, largest unit first, for example 1h30m'],
    ['30s1m', 'is no duration; write each number with its unit, largest unit first, for example 1h30m'],
    ['s', 'is no duration; write each number with its unit, largest unit first, for example 1h30m'],
    ['1s1s', 'is no duration; write each number with its unit, largest unit first, for example 1h30m'],
    ['2400h1us', 'is longer than the longest duration, 2400h'],
    [`${'1'.repeat(40)}s`, 'has 41 characters; write at most 32'],
  ])('%j', (text, problem) => {
    expect(durationProblem(text)).toBe(problem);
  });

  test('shows the unit that suits the field', () => {
    expect(durationProblem('15', 's')).toBe('has no unit; write for example 15s');
  });

  test('accepts exactly what the pattern and the bounds accept', () => {
    const nearDuration = fc.stringMatching(/^([0-9]{0,3}(h|m|s|ms|us|d| )){0,4}[0-9]?$/);
    fc.assert(
      fc.property(nearDuration, (text) => {
        const accepted = DURATION_PATTERN.test(text) && text.length >= 2 && text.length <= 32;
        expect(durationProblem(text) === undefined).toBe(accepted);
      }),
    );
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof durationProblem(text) !== 'number'));
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [90e9, '1m30s'],
    [100e6, '100ms'],
    [3_600e9 + 5e3, '1h5us'],
    [8_640_000e9, '2400h'],
  ])('%d ns', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });

  test.each([-1e3, 1, Number.NaN, Number.POSITIVE_INFINITY, 8_640_000e9 + 1e3])('refuses %d ns', (ns) => {
    expect(() => formatDuration(ns)).toThrow(
      'cannot be written as a duration; give whole microseconds from 0 to 2400h',
    );
  });

  test('what is formatted reads as the same time, and is its own shortest form', () => {
    const microseconds = fc.oneof(fc.integer({ min: 0, max: 8_640_000_000_000 }), fc.nat());
    fc.assert(
      fc.property(microseconds, (us) => {
        const text = formatDuration(us * 1e3);
        expect(durationNs(text)).toBe(us * 1e3);
        expect(formatDuration(durationNs(text))).toBe(text);
      }),
    );
  });
});
