import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../../agent/cli/command.js';
import { recordArguments } from '../../../../agent/cli/record/arguments.js';

let directory: string;
let profile: string;

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgscope-record-'));
  profile = write(
    'profile.yaml',
    'apiVersion: pgscope.dev/v1alpha1\nkind: PostgresProfile\nspec:\n  duration: 10m\n  spans: {minDuration: 5ms, errors: false}\n  metrics: {interval: 30s}\n',
  );
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('settings', () => {
  test('have the defaults of a profile', () => {
    expect(recordArguments([])).toMatchObject({
      selection: { pids: [], dataDirectories: [] },
      durationMs: undefined,
      spec: {
        level: 'statements',
        queryText: 'normalized',
        spans: { minDuration: '100ms', errors: true, sampleRatio: 0, traceContext: ['sqlcomment', 'application_name'] },
        metrics: { interval: '15s', maxQueries: 500 },
      },
    });
  });

  test('come from options, each in its place', () => {
    const line =
      '--pid 12 --pid 13 --data-directory /d --duration 30s --min-duration 0ms --no-errors --sample-ratio 0.1 ' +
      '--trace-context sqlcomment --max-per-second 7 --query-text none --max-queries 9 --interval 1s --level phases ' +
      '--min-wait 5ms --nested-depth 3';
    expect(recordArguments(line.split(' '))).toMatchObject({
      selection: { pids: [12, 13], dataDirectories: ['/d'] },
      durationMs: 30_000,
      spec: {
        level: 'phases',
        queryText: 'none',
        spans: {
          minDuration: '0ms',
          minWait: '5ms',
          nestedDepth: 3,
          errors: false,
          sampleRatio: 0.1,
          traceContext: ['sqlcomment'],
          maxPerSecond: 7,
        },
        metrics: { interval: '1s', maxQueries: 9 },
      },
    });
  });

  test('come from a profile, and options win over it', () => {
    expect(recordArguments(['-f', profile, '--errors', '--interval', '2s'])).toMatchObject({
      durationMs: 600_000,
      spec: { spans: { minDuration: '5ms', errors: true }, metrics: { interval: '2s' } },
    });
  });

  test('trace contexts can be looked for nowhere', () => {
    expect(recordArguments(['--trace-context', 'none']).spec.spans.traceContext).toEqual([]);
  });
});

describe('what is wrong is said in one sentence', () => {
  test.each([
    ['--pid postgres', /^--pid postgres: not a process ID/],
    ['--level deep', /^--level: "deep"/],
    ['--min-duration 100', /^--min-duration: "100" has no unit; write for example 100ms$/],
    ['--sample-ratio 2', /^--sample-ratio: /],
    ['--nested-depth 9', /^--nested-depth: 9 is too large; write a whole number from 0 to 8$/],
    ['--sample-ratio often', /^--sample-ratio: "often"/],
    ['--interval 10ms', /^--interval: /],
    ['--query-text full', /^--query-text: "full"/],
    ['--trace-context header', /^--trace-context\S*: "header"/],
    ['--minduration 1s', /^--minduration: there is no such option; did you mean --min-duration\?$/],
    ['--duration', /^Option '--duration <value>' argument missing$/],
    ['main', /^main: not an option/],
    ['-f /nonexistent.yaml', /^the profile \/nonexistent.yaml cannot be read: ENOENT/],
  ])('%s', (line, message) => {
    const run = () => recordArguments(line.split(' '));
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });

  test('in a profile, with file, field and line', () => {
    const path = write('bad.yaml', 'apiVersion: pgscope.dev/v1alpha1\nkind: PostgresProfile\nspec:\n  level: waitz\n');
    expect(() => recordArguments(['-f', path])).toThrow(/bad\.yaml: spec\.level: "waitz".*\(line 4\)/);
  });

  test('a field of a profile that this version does not have yet', () => {
    const path = write(
      'programs.yaml',
      'apiVersion: pgscope.dev/v1alpha1\nkind: PostgresProfile\nspec: {programs: [{name: pg-cpudist}]}\n',
    );
    expect(() => recordArguments(['-f', path])).toThrow('spec.programs: record runs no programs, pgscope run does');
  });
});
