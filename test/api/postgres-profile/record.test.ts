import { describe, expect, test } from '@jest/globals';
import { checkRecordSpec, readRecordProfile } from '../../../api/postgres-profile.js';

const HEAD = 'apiVersion: pgscope.dev/v1alpha1\nkind: PostgresProfile\n';
const TAKES_TARGET = 'record takes its target from --pid or --data-directory; take this field out';

const DEFAULTS = {
  level: 'statements',
  queryText: 'normalized',
  spans: {
    minDuration: '100ms',
    minWait: '1ms',
    nestedDepth: 1,
    errors: true,
    sampleRatio: 0,
    traceContext: ['sqlcomment', 'application_name'],
    maxPerSecond: 100,
  },
  metrics: { interval: '15s', maxQueries: 500 },
};

describe('readRecordProfile', () => {
  test('reads a profile without its target part', () => {
    const text = `${HEAD}metadata: {name: orders}\nspec:\n  duration: 10m\n  spans: {minDuration: 0ms}\n`;
    expect(readRecordProfile(text)).toEqual({
      ok: true,
      spec: { ...DEFAULTS, duration: '10m', spans: { ...DEFAULTS.spans, minDuration: '0ms' } },
    });
  });

  test('takes an object as kubectl shows it, with metadata and status', () => {
    const text = `${HEAD}metadata: {name: a, uid: b}\nspec: {suspend: false}\nstatus: {lostEvents: 3}\n`;
    expect(readRecordProfile(text)).toEqual({ ok: true, spec: DEFAULTS });
  });

  test.each([
    ['spec:\n  selector: {matchLabels: {app: a}}\n', `spec.selector: ${TAKES_TARGET} (line 4)`],
    ['spec:\n  podName: a\n', `spec.podName: ${TAKES_TARGET} (line 4)`],
    ['spec:\n  level: statements\n  container: a\n', `spec.container: ${TAKES_TARGET} (line 5)`],
    [
      'spec:\n  export:\n    destination: a\n',
      'spec.export: record exports where --otlp-endpoint or --otlp-file says; take this field out (line 4)',
    ],
    [
      'spec:\n  programs: [{name: pg-cpudist}]\n',
      'spec.programs: record runs no programs, pgscope run does; take this field out (line 4)',
    ],
    ['spec:\n  suspend: true\n', 'spec.suspend: true would record nothing; take this field out (line 4)'],
    [
      'spec:\n  spans:\n    errors: true\n    minDuration: "100"\n',
      'spec.spans.minDuration: "100" has no unit; write for example 100ms (line 6)',
    ],
    [
      'spec:\n  spans:\n    traceContext:\n      - sqlcomment\n      - comment\n',
      'spec.spans.traceContext[1]: "comment" is not one of sqlcomment, application_name (line 7)',
    ],
    ['spec:\n  metric:\n    interval: 1s\n', 'spec.metric: unknown field; did you mean metrics? (line 4)'],
    ['spec: {}\nspecs: {}\n', 'specs: unknown field; did you mean spec? (line 4)'],
    ['spec: {__proto__: {level: raw}}\n', expect.stringContaining('unknown field; the fields here are duration,')],
    ['spec:\n', 'spec: is missing; write spec: {}, or settings such as level below it (line 3)'],
    ['', 'spec: is missing; write spec: {}, or settings such as level below it'],
    ['spec: 5\n', 'spec: 5 is a number; write a map of fields (line 3)'],
  ])('%j', (body, error) => {
    expect(readRecordProfile(HEAD + body)).toEqual({ ok: false, errors: [error] });
  });

  test('refuses other kinds of objects', () => {
    expect(readRecordProfile('apiVersion: v1\nkind: Pod\nspec: {containers: []}\n')).toEqual({
      ok: false,
      errors: [
        'apiVersion: "v1" is not what record reads; write apiVersion: pgscope.dev/v1alpha1 (line 1)',
        'kind: "Pod" is not what record reads; write kind: PostgresProfile (line 2)',
      ],
    });
    expect(readRecordProfile('spec: {}\n')).toEqual({
      ok: false,
      errors: [
        'apiVersion: is missing; write apiVersion: pgscope.dev/v1alpha1',
        'kind: is missing; write kind: PostgresProfile',
      ],
    });
  });
});

describe('checkRecordSpec', () => {
  test('fills in every default', () => {
    expect(checkRecordSpec({})).toEqual({ ok: true, spec: DEFAULTS });
  });

  test('names the flag that gave a value', () => {
    const names = { 'spec.spans.sampleRatio': '--sample-ratio' };
    expect(checkRecordSpec({ level: 'all', spans: { sampleRatio: 2 } }, names)).toEqual({
      ok: false,
      errors: [
        'spec.level: "all" is not one of waits, statements, phases',
        '--sample-ratio: 2 is too large; write a number from 0 to 1',
      ],
    });
  });
});
