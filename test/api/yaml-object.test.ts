import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readYaml } from '../../api/yaml-object.js';

function errorsOf(text: string): string[] {
  const result = readYaml(text);
  return 'errors' in result ? result.errors : [];
}

describe('readYaml', () => {
  test('knows the line of every field', () => {
    const yaml = readYaml('# a comment\na: 1\nlist:\n  - x: 1\n  -\n    y: {z: 2}\n');
    if ('errors' in yaml) throw new Error(yaml.errors.join());
    expect(yaml.value).toEqual({ a: 1, list: [{ x: 1 }, { y: { z: 2 } }] });
    expect(yaml.lineOf(['a'])).toBe(2);
    expect(yaml.lineOf(['list'])).toBe(3);
    expect(yaml.lineOf(['list', 1, 'y', 'z'])).toBe(6);
    expect(yaml.lineOf(['list', 0, 'missing'])).toBe(4);
    expect(yaml.lineOf(['missing'])).toBeUndefined();
  });

  test.each([
    ['a: 1\nb: [1, 2\n', /^line 3: .*end with a \]/],
    ['a: 1\n b: 2\n', /^line 1: Nested mappings are not allowed/],
    ['a: 1\na: 2\n', /^line 2: Map keys must be unique/],
    ['a: !secret x\n', /^line 1: Unresolved tag: !secret/],
  ])('names the line of the mistake in %j', (text, error) => {
    expect(errorsOf(text)[0]).toMatch(error);
  });

  test.each([
    ['', 'the text is empty; write an object in YAML'],
    ['# only a comment\n', 'the text is empty; write an object in YAML'],
    ['--- \n', 'the text is no YAML map; write fields such as kind: PostgresProfile'],
    ['- a\n', 'the text is no YAML map; write fields such as kind: PostgresProfile'],
    ['a: 1\n---\nb: 2\n', 'the text holds 2 objects; keep one of them'],
    ['a: *nowhere\n', 'the text cannot be read: Unresolved alias (the anchor must be set before the alias): nowhere'],
    ['x'.repeat(300_000), 'the text has 300000 bytes; at most 262144 are read'],
  ])('refuses %.20j', (text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  test('refuses aliases that would grow without end', () => {
    const levels = 'abcdefghi'.split('').map((name, index, all) => {
      const entry = index === 0 ? 'x' : `*${all[index - 1]}`;
      return `${name}: &${name} [${Array(10).fill(entry).join(', ')}]\n`;
    });
    expect(errorsOf(levels.join(''))).toEqual([
      expect.stringMatching(/^the text cannot be read: Excessive alias count/),
    ]);
  });

  test('reads what was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 9 }), fc.jsonValue()), (object) => {
        const plain = JSON.parse(JSON.stringify(object));
        expect(readYaml(stringify(plain))).toMatchObject({ value: plain });
      }),
    );
  });
});
