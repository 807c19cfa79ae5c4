import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  argumentProblem,
  argumentWord,
  checkTraceProgramSpec,
  readTraceProgramFile,
  readTraceProgramSpec,
} from '../../api/trace-program.js';
import { RIGHT, WRONG } from './trace-program/specs.js';

describe('checkTraceProgramSpec', () => {
  test.each(RIGHT)('accepts %s', (_, spec) => {
    expect(checkTraceProgramSpec(spec)).toMatchObject({ ok: true, spec: spec as object });
  });

  test.each(WRONG)('refuses %j', (spec, ...errors) => {
    expect(checkTraceProgramSpec(spec)).toEqual({ ok: false, errors });
  });

  test('fills in every default', () => {
    const map = { name: 'a', metric: 'my.a', kind: 'gauge' };
    expect(checkTraceProgramSpec({ source: 'x', maps: [map], events: [{ name: 'e', fields: [] }] })).toEqual({
      ok: true,
      spec: {
        description: '',
        source: 'x',
        minVersion: '0.17',
        scope: 'target',
        stringLength: 64,
        arguments: [],
        maps: [{ ...map, description: '', unit: '1', scale: 1, keys: [] }],
        events: [{ name: 'e', from: 'print', fields: [] }],
      },
    });
  });
});

test('a stored spec of a newer version is read without what is new in it', () => {
  expect(readTraceProgramSpec({ source: 'x', novelty: 1 })).toMatchObject({ ok: true, spec: { source: 'x' } });
});

describe('a value of an argument', () => {
  test.each([
    ['integer', '-12', '-12'],
    ['integer', '0', '0'],
    ['boolean', 'true', '1'],
    ['boolean', 'false', '0'],
    ['duration', '1s500us', '1000500'],
    ['string', 'a "b" c', 'a "b" c'],
  ] as const)('%s %s', (type, text, word) => {
    expect(argumentProblem({ type }, text)).toBeUndefined();
    expect(argumentWord({ type, unit: 'us' }, text)).toBe(word);
  });

  test.each([
    ['integer', '1.5', 'is no whole number of at most 15 digits'],
    ['integer', '1000000000000000', 'is no whole number of at most 15 digits'],
    ['boolean', 'yes', 'is neither true nor false'],
    ['duration', '5', 'has no unit; write for example 5ms'],
    ['string', 'ä', 'has characters other than printable ASCII'],
  ] as const)('%s cannot be %s', (type, text, problem) => {
    expect(argumentProblem({ type }, text)).toBe(problem);
  });

  test('what is taken for a number is one word of digits', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('integer', 'boolean', 'duration'), (text, type) => {
        if (argumentProblem({ type }, text) === undefined)
          expect(argumentWord({ type, unit: 'ns' }, text)).toMatch(/^-?\d{1,20}$/);
      }),
    );
  });
});

describe('a file', () => {
  const file = (lines: string[]) => ['apiVersion: pgscope.dev/v1alpha1', 'kind: TraceProgram', ...lines].join('\n');

  test('holds the source, or finds it beside', () => {
    const text = file(['metadata: {name: my-reads}', 'spec:', '  description: d']);
    expect(readTraceProgramFile(text, 'BEGIN {}')).toMatchObject({
      name: 'my-reads',
      spec: { source: 'BEGIN {}', description: 'd' },
    });
    expect(readTraceProgramFile(file(['spec: {source: own}']), 'beside')).toMatchObject({ spec: { source: 'own' } });
  });

  test('is told what is wrong, with the line', () => {
    expect(readTraceProgramFile(file(['spec:', '  source: x', '  scope: all']))).toEqual({
      errors: ['spec.scope: "all" is not one of target, node (line 5)'],
    });
    expect(readTraceProgramFile(file(['spec: {}']))).toEqual({
      errors: ['spec.source: is missing; give a string (line 3)'],
    });
    expect(readTraceProgramFile(file(['status: {}']))).toEqual({
      errors: [
        'status: unknown field; the fields here are apiVersion, kind, metadata, spec (line 3)',
        'spec: is missing; write what the program is below it',
      ],
    });
    expect(readTraceProgramFile('kind: Pod\nspec: {source: x}')).toEqual({
      errors: [
        'apiVersion: is missing; write apiVersion: pgscope.dev/v1alpha1',
        'kind: "Pod" is no TraceProgram; write kind: TraceProgram (line 1)',
      ],
    });
    expect(readTraceProgramFile('[')).toMatchObject({ errors: [expect.stringContaining('line 1: ')] });
  });
});
