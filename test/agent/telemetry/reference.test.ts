import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AGENT_LOSSES, LOSSES, TRACER_LOSSES } from '../../../agent/telemetry/loss-names.js';
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
  const attributes = [
    names.RESOURCE,
    names.QUERY,
    names.SPAN,
    names.SPAN_COUNTERS,
    names.NESTED,
    names.LOCK,
    names.POINT,
  ].flatMap((group) => Object.values(group).map(({ name }) => name));
  expect(metrics).toEqual([...new Set(metrics)]);
  expect(attributes).toEqual([...new Set(attributes)]);
});

describe('losses', () => {
  const file = async (path: string) => await readFile(join(import.meta.dirname, '../../..', path), 'utf8');

  test('those that the tracer counts are named as it names them', async () => {
    const [, table = ''] = /loss_names\[LOSSES\] = \{([^}]*)\}/.exec(await file('bpf/counters.c')) ?? [];
    const own = /output_losses\([^)]*\);\s*output_number\("\w+"/.exec(await file('bpf/drained.c'))?.[0] ?? '';
    const counted = Array.from(`${table}${own}`.matchAll(/"(\w+)"/g), ([, name]) => name);
    expect(counted.length).toBeGreaterThan(10);
    expect(Object.keys(TRACER_LOSSES)).toEqual(counted);
  });

  test('those that the agent counts all have a name', async () => {
    const [route, run, drain] = await Promise.all(
      ['route', 'run', 'drain'].map((name) => file(`agent/capture/${name}.ts`)),
    );
    const counted = [
      ...`${run}${drain}`.matchAll(/\.lost\('(\w+)'\)/g),
      ...(route ?? '').matchAll(/(\w+): (?:restarts|malformedLines)\b/g),
    ];
    expect(counted.map(([, name]) => name).sort()).toEqual(Object.keys(AGENT_LOSSES).sort());
  });

  test('each is in the list of docs/telemetry.md, and what to do about it in docs/troubleshooting.md', async () => {
    const [telemetry, troubleshooting] = await Promise.all([
      file('docs/telemetry.md'),
      file('docs/troubleshooting.md'),
    ]);
    const [, section = ''] = /\n## Losses\n([\s\S]*?)\n## /.exec(troubleshooting) ?? [];
    const missing = Object.entries(LOSSES).flatMap(([stage, reasons]) =>
      Object.keys(reasons).filter((reason) => {
        const written = ABBREVIATED.get(reason) ?? `\`${reason}\``;
        return !telemetry.includes(`| \`${stage}\` | \`${reason}\` |`) || !section.includes(written);
      }),
    );
    expect(missing).toEqual([]);
  });
});

/** One row of the table tells four of them. */
const ABBREVIATED = new Map(['Slow', 'Traced', 'Sampled'].map((why) => [`recordsRateLimited${why}`, `\`…${why}\``]));
