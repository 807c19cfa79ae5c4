import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches, selectorText, selects } from '../../../operator/profiles/selector.js';
import { pod } from './objects.js';

const labels = { app: 'orders', tier: 'db' };

describe('a label selector', () => {
  test.each([
    [{}, true],
    [{ matchLabels: { app: 'orders' } }, true],
    [{ matchLabels: { app: 'orders', tier: 'web' } }, false],
    [{ matchLabels: { constructor: 'x' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['a', 'orders'] }] }, true],
    [{ matchExpressions: [{ key: 'zone', operator: 'In' as const, values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn' as const, values: ['orders'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn' as const, values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' as const }] }, true],
    [{ matchExpressions: [{ key: 'toString', operator: 'Exists' as const }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' as const }] }, false],
    [{ matchLabels: { app: 'orders' }, matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] }, true],
  ])('%j: %s', (selector, expected) => {
    expect(matches(selector, labels)).toBe(expected);
  });

  test('is written as kubectl takes it', () => {
    const text = selectorText({
      matchLabels: { app: 'a' },
      matchExpressions: [
        { key: 'b', operator: 'In', values: ['c', 'd'] },
        { key: 'e', operator: 'NotIn', values: ['f'] },
        { key: 'g', operator: 'Exists' },
        { key: 'h', operator: 'DoesNotExist' },
      ],
    });
    expect(text).toBe('app=a,b in (c,d),e notin (f),g,!h');
  });

  test('In and NotIn are opposites, and so are Exists and DoesNotExist', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(name, fc.array(name, { minLength: 1 }), fc.dictionary(name, name), (key, values, pairs) => {
        const one = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist') =>
          matches({ matchExpressions: [{ key, operator, values }] }, pairs);
        expect(one('In')).toBe(!one('NotIn'));
        expect(one('Exists')).toBe(!one('DoesNotExist'));
      }),
    );
  });
});

test('podName means one pod, whatever its labels', () => {
  expect(selects({ podName: 'a' }, pod('a'))).toBe(true);
  expect(selects({ podName: 'a' }, pod('ab'))).toBe(false);
  expect(selects({}, pod('a'))).toBe(false);
});
