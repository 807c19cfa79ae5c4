import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compactBytes,
  compactCount,
  compactDuration,
  compactShare,
  formatBytes,
  formatCount,
  formatDuration,
  formatQuantity,
  formatShare,
} from '../../../agent/cli/quantities.js';

describe('on pages', () => {
  test.each([
    [0, '0'],
    [0.5e-9, '0.50 ns'],
    [12.34e-6, '12.3 µs'],
    [0.9999e-3, '1.00 ms'],
    [0.0012345, '1.23 ms'],
    [1.5, '1.50 s'],
    [99.96, '1.67 min'],
    [7200, '2.00 h'],
    [undefined, '–'],
  ])('a duration of %p seconds is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test.each([
    [0.001, 's', '1.00 ms'],
    [2048, 'By', '2.00 KiB'],
    [1234, '{call}', '1,234'],
    [0.5, '1', '0.50'],
    [12.5, '%', '12.5 %'],
    [undefined, '%', '–'],
  ])('%p in the unit %s is %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });

  test('counts have separators, bytes binary units, shares one digit', () => {
    expect([formatCount(0), formatCount(12345), formatCount(0.123), formatCount(12345678)]).toEqual([
      '0',
      '12,345',
      '0.12',
      '12.3 M',
    ]);
    expect([formatBytes(0), formatBytes(512), formatBytes(8192), formatBytes(1048064)]).toEqual([
      '0',
      '512 B',
      '8.00 KiB',
      '1.00 MiB',
    ]);
    expect([formatShare(0), formatShare(0.0004), formatShare(0.1234), formatShare(1)]).toEqual([
      '0.0 %',
      '<0.1 %',
      '12.3 %',
      '100 %',
    ]);
  });
});

describe('in narrow tables', () => {
  test('examples', () => {
    expect([0.00123, 0.0123, 0.123, 12, 123, 4e5].map(compactDuration)).toEqual([
      '1.2ms',
      '12ms',
      '123ms',
      '12s',
      '2.0m',
      '111h',
    ]);
    expect([0, 0.001, 0.25, 1, 12, 1234, 999_999].map(compactCount)).toEqual([
      '0',
      '<0.01',
      '0.25',
      '1.0',
      '12',
      '1.2k',
      '1.0M',
    ]);
    expect([0, 100, 8192, 5e6].map(compactBytes)).toEqual(['0', '100', '8.0K', '4.8M']);
    expect([0, 0.1234, 0.9999].map(compactShare)).toEqual(['0.0%', '12.3%', '100%']);
  });

  test('never wider than five characters', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3e6, noNaN: true }), (value) => {
        for (const text of [
          compactDuration(value),
          compactCount(value),
          compactBytes(value * 1e5),
          compactShare(value / 3e6),
        ]) {
          expect(text.length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });
});
