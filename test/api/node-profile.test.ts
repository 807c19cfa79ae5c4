import { describe, expect, test } from '@jest/globals';
import { check, fieldName } from '../../api/fault.js';
import { nodeProfileSpec } from '../../api/node-profile/spec.js';
import { readNodeProfileSpec } from '../../api/node-profile.js';
import { RIGHT, WRONG } from './node-profile/specs.js';

/** As the API server takes it under fieldValidation=Strict. */
function strictly(spec: unknown): string[] {
  const result = check(nodeProfileSpec, spec);
  return 'faults' in result ? result.faults.map(({ path, text }) => `${fieldName('spec', path)}: ${text}`) : [];
}

test.each(RIGHT)('%s is accepted', (_, spec) => {
  expect(strictly(spec)).toEqual([]);
  expect(readNodeProfileSpec(spec)).toMatchObject({ ok: true, spec: spec as object });
});

const wrong = WRONG.map(([spec, ...errors]) => ({ first: errors[0], spec, errors }));

test.each(wrong)('refused: $first', ({ spec, errors }) => {
  expect(strictly(spec)).toEqual(errors);
});

describe('a stored spec', () => {
  test.each(wrong)('is refused for the same, but for fields of a newer version: $first', ({ spec, errors }) => {
    const known = errors.filter((error) => !/: unknown field/.test(error));
    const reading = readNodeProfileSpec(spec);
    expect(reading.ok ? [] : reading.errors).toEqual(known);
  });

  test('has every default filled in', () => {
    const [, spec] = RIGHT[0] ?? [];
    expect(readNodeProfileSpec(spec)).toMatchObject({
      ok: true,
      spec: { level: 'statements', queryText: 'normalized', destination: 'default', programs: [] },
    });
  });
});
