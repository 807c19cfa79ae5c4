import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { withRules } from '../../api/rule.js';

test('a rule is checked, mirrored in CEL, and leaves the description where it is', () => {
  const schema = withRules(z.strictObject({ a: z.number(), b: z.number() }).describe('Two numbers.'), {
    message: 'a must be below b',
    holds: ({ a, b }) => a < b,
    cel: 'self.a < self.b',
  });
  expect(schema.safeParse({ a: 1, b: 2 }).success).toBe(true);
  expect(schema.safeParse({ a: 2, b: 1 }).error?.issues).toMatchObject([{ message: 'a must be below b' }]);
  expect(schema.meta()).toEqual({
    description: 'Two numbers.',
    'x-kubernetes-validations': [{ rule: 'self.a < self.b', message: 'a must be below b' }],
  });
});
