/** docs/profiles.md tells of every reason that operator, agent and tracer can give, and of none that they cannot. */
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const SOURCES = ['operator/profiles/**/*.ts', 'operator/cleanup/*.ts', 'agent/node/**/*.ts', 'bpf/*.c'];

/** Where a CamelCase word of the code becomes a reason; it is the last group. */
const GIVEN = [
  /\b(?:holds|fails|unknown|exclude|failed|not|excluded|orObstacle)\(\s*(?:\w+, )?'([A-Z]\w+)'/g,
  /\breason:\s*'([A-Z]\w+)'/g,
  /\b(?:row|condition)\(\s*'\w+',\s*'([A-Z]\w+)'/g,
  /\breturn '([A-Z]\w+)'/g,
  /: \['[A-Z]\w+', '([A-Z]\w+)'\]/g,
  /\berror_set\(\s*[^,]+,\s*"([A-Z]\w+)"/g,
];

/** The tracer's, which the agent turns into a sentence and a reason of its own, or meets by no NodeProfile. */
const INSIDE = ['Broken', 'LoadFailed', 'UnknownTarget'];

async function givenReasons(): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const path of glob(SOURCES, { cwd: CHECKOUT })) {
    const text = await readFile(join(CHECKOUT, path), 'utf8');
    for (const pattern of GIVEN) for (const match of text.matchAll(pattern)) found.add(match.at(-1) ?? '');
  }
  return found;
}

test('docs/profiles.md has every reason that the code gives, and no other', async () => {
  const page = await readFile(join(CHECKOUT, 'docs/profiles.md'), 'utf8');
  const [, chapter = ''] = page.split('\n## Conditions and reasons\n');
  const [conditions = ''] = chapter.split('\n## ');
  const given = await givenReasons();
  expect(given).toContain('NoMatchingPods');
  expect(given).toContain('ImplausibleLayout');
  expect([...given].filter((reason) => !INSIDE.includes(reason) && !conditions.includes(`\`${reason}\``))).toEqual([]);
  const cells = [...conditions.matchAll(/^\| ((?:`[A-Z]\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) => [
    ...cell.matchAll(/`(\w+)`/g),
  ]);
  const states = ['Pending', 'NoPostgres', 'Detached', 'Failed'];
  const told = cells.map(([, reason = '']) => reason).filter((word) => !states.includes(word));
  expect(told.length).toBeGreaterThan(40);
  expect(told.filter((reason) => !given.has(reason))).toEqual([]);
});
