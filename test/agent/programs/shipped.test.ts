/** The programs that come with pgscope: each source has a description that fits it, and is restricted to its target. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { argumentWords, checkedProgram, shippedPrograms } from '../../../agent/programs.js';

const FOLDER = join(import.meta.dirname, '../../../bpf/programs');

test('a source has a description beside it, which names what the source has', () => {
  const sources = readdirSync(FOLDER).filter((file) => /\.(bt|bpftrace)$/.test(file));
  const programs = shippedPrograms();
  expect(programs.map(({ name }) => name)).toEqual(
    sources.map((file) => file.replace(/\.\w+$/, '').replaceAll('_', '-')).sort(),
  );
  for (const { name, spec } of programs) {
    const program = checkedProgram(name, spec);
    expect(program.description).not.toBe('');
    expect(argumentWords(program, {})).toHaveLength(spec.arguments.length);
    // What the source adds up is told, but for what it works with itself.
    expect(program.maps.length).toBeGreaterThan(0);
  }
});

test('names of metrics stand for one thing', () => {
  const names = shippedPrograms().flatMap(({ spec }) => spec.maps.map(({ metric }) => metric));
  expect(new Set(names).size).toBe(names.length);
});
