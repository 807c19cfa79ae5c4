import { expect, test } from '@jest/globals';
import { isOlder } from '../../../kube/reflector/resource-version.js';

test.each([
  ['9', '10', true],
  ['10', '9', false],
  ['10', '10', false],
  ['99999999999999999998', '99999999999999999999', true],
  ['abc', 'abd', true],
  ['abd', 'abc', true],
  ['abc', 'abc', false],
])('%s is older than %s: %s', (one, other, older) => {
  expect(isOlder(one, other)).toBe(older);
});
