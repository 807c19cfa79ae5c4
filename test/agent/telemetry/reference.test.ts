import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as names from '../../../agent/telemetry/names.js';
import { telemetryReference } from '../../../agent/telemetry/reference.js';

test('docs/telemetry.md is what is generated (run scripts/generate-telemetry-reference.ts after a change of the names)', async () => {
  const committed = join(import.meta.dirname, '../../../docs/telemetry.md');
  expect(await readFile(committed, 'utf8')).toBe(telemetryReference());
});

test('every name is in it', () => {
  const page = telemetryReference();
  const all = JSON.stringify(names).matchAll(/"name":"([^"]+)"/g);
  for (const [, name] of all) expect(page).toContain(`\`${name}\``);
});

test('no name stands for two things', () => {
  const metrics = [names.QUERY_METRICS, names.TARGET_METRICS, names.OWN_METRICS].flatMap((group) =>
    Object.values(group).map(({ name }) => name),
  );
  const attributes = [names.RESOURCE, names.QUERY, names.SPAN, names.SPAN_COUNTERS, names.POINT].flatMap((group) =>
    Object.values(group).map(({ name }) => name),
  );
  expect(metrics).toEqual([...new Set(metrics)]);
  expect(attributes).toEqual([...new Set(attributes)]);
});
