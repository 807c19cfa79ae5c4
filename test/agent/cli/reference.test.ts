import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { RECORD_HELP } from '../../../agent/cli/record/help.js';
import { recordOptions } from '../../../agent/cli/record/options.js';
import { commandReference } from '../../../agent/cli/reference.js';
import { readRecordProfile } from '../../../api/postgres-profile.js';

describe('docs/commands.md', () => {
  const page = readFileSync('docs/commands.md', 'utf8');

  test('is what scripts/generate-command-reference.ts writes', () => {
    expect(page).toBe(commandReference());
  });

  test('shows a profile that can be read', () => {
    const yaml = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
    expect(readRecordProfile(yaml)).toMatchObject({ ok: true, spec: { duration: '10m' } });
  });
});

describe('the help of record', () => {
  test.each(Object.keys(recordOptions))('tells of --%s', (name) => {
    expect(RECORD_HELP).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`));
  });

  test('tells of no option that does not exist', () => {
    const known = [...Object.keys(recordOptions), 'otlp-x'];
    const told = [...RECORD_HELP.matchAll(/--(?:\[no-\])?([a-z][a-z-]+)/g)].map(([, name = '']) => name);
    expect(told.filter((name) => !known.includes(name))).toEqual([]);
  });
});
