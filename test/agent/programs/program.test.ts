import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { argumentWords } from '../../../agent/programs/arguments.js';
import { assertVersion, bpftraceVersion } from '../../../agent/programs/bpftrace/version.js';
import { bareProgram, checkedProgram } from '../../../agent/programs/program.js';
import { openProgram, shippedPrograms } from '../../../agent/programs/shipped.js';
import { checkTraceProgramSpec, type TraceProgramSpec } from '../../../api/trace-program.js';

const SOURCE = 'kprobe:f /PGSCOPE_TARGET/ { @reads[comm] = count(); @time = hist(1); @seen = 1; }';

function spec(fields: Record<string, unknown> = {}): TraceProgramSpec {
  const reading = checkTraceProgramSpec({ source: SOURCE, ...fields });
  if (!reading.ok) throw new Error(reading.errors.join());
  return reading.spec;
}

describe('a TraceProgram', () => {
  const keys = [{ name: 'process.name', type: 'string' }];
  const withMap = (map: Record<string, unknown>) => () =>
    checkedProgram('p', spec({ maps: [{ name: 'reads', metric: 'my.reads', kind: 'counter', keys, ...map }] }));

  test('that fits its source', () => {
    expect(withMap({})().maps).toHaveLength(1);
    expect(withMap({ name: 'seen', kind: 'gauge', keys: [] })().maps).toHaveLength(1);
  });

  test.each([
    [{ name: 'read' }, 'p: maps: there is no @read in the source; did you mean reads?'],
    [{ kind: 'histogram' }, 'p: maps: @reads holds count(), which is no histogram'],
    [{ name: 'time', keys: [] }, 'p: maps: @time holds hist(), which is no counter'],
    [{ keys: [] }, 'p: maps: @reads has keys, which the program does not name'],
    [{ name: 'time', kind: 'histogram' }, 'p: maps: @time has no keys'],
    [
      { metric: 'postgresql.query.calls' },
      'p: maps: postgresql.query.calls is a metric of pgscope itself; give @reads another name',
    ],
  ])('that does not: %j', (map, message) => {
    expect(withMap(map)).toThrow(message);
  });

  test('that would see the whole machine needs leave', () => {
    expect(() => checkedProgram('p', spec({ scope: 'node' }))).toThrow('p: scope: node lets it see every process');
    expect(checkedProgram('p', spec({ scope: 'node' }), { allowNode: true }).scope).toBe('node');
  });

  test('that is refused names each line', () => {
    const source = 'BEGIN { system("x"); }\nkprobe:f { }';
    expect(() => checkedProgram('p', spec({ source }))).toThrow(
      /^p: line 1: system\(\) .*\np: line 2: this probe would/,
    );
  });
});

describe('an event of a TraceProgram', () => {
  const source = 'BEGIN { printf("PID %s\\n", "x"); printf("%d %s\\n", pid, str($2)); }';
  const withFields =
    (...types: string[]) =>
    () =>
      checkedProgram(
        'p',
        spec({
          source,
          events: [{ name: 'my.line', from: 'printf', fields: types.map((type, i) => ({ name: `f${i}`, type })) }],
        }),
      );

  test('has a printf() with a conversion for each field', () => {
    expect(withFields('integer', 'query')().events[0]?.formats).toHaveLength(1);
    expect(withFields('integer', 'string', 'string')).toThrow(
      'p: events: my.line: no printf() of the source has 3 conversions, one for each field',
    );
  });

  test('has the text of a statement at its end', () => {
    expect(withFields('query', 'string')).toThrow(
      'p: events: my.line: of a line of printf() the field of type query has to be the last one',
    );
  });
});

describe('a source alone', () => {
  test('has metrics for what its maps add up', () => {
    const { maps } = bareProgram('My-Reads', `${SOURCE} END { @ = max(1); @s[1] = stats(2); }`);
    expect(maps.map(({ metric, kind, keys }) => [metric, kind, keys.map(({ type }) => type)])).toEqual([
      ['pgscope.program.my_reads.reads', 'counter', ['string']],
      ['pgscope.program.my_reads.time', 'histogram', []],
      ['pgscope.program.my_reads', 'gauge', []],
      ['pgscope.program.my_reads.s', 'histogram', ['string']],
    ]);
  });

  test('that reads any text has keys that may be statements', () => {
    const { maps } = bareProgram('p', 'kprobe:f /PGSCOPE_TARGET/ { @[str(arg0)] = count(); }');
    expect(maps[0]?.keys).toEqual([{ name: 'pgscope.program.key', type: 'query' }]);
  });
});

describe('arguments', () => {
  const program = checkedProgram(
    'p',
    spec({
      arguments: [
        { name: 'least', type: 'integer', default: '7' },
        { name: 'slow', type: 'duration', unit: 'us' },
        { name: 'what', type: 'string', default: 'a b' },
      ],
    }),
  );

  test('are words in the order of the program', () => {
    expect(argumentWords(program, { slow: '1ms' })).toEqual(['7', '1000', 'a b']);
    expect(argumentWords(program, { slow: '1s', what: '$(x) "; system(', least: '-1' })).toEqual([
      '-1',
      '1000000',
      '$(x) "; system(',
    ]);
  });

  test('that are wrong are named, all of them', () => {
    const given = { least: '5 || 1', what: 'x'.repeat(64), slw: '1' };
    expect(() => argumentWords(program, given)).toThrow(
      [
        'p: there is no argument slw; did you mean slow?',
        'p: the argument least: "5 || 1" is no whole number of at most 15 digits',
        'p: the argument slow is missing',
        `p: the argument what: "${'x'.repeat(64)}" has 64 characters; at most 63 fit`,
      ].join('\n'),
    );
    expect(() => argumentWords(bareProgram('q', SOURCE), { a: '1' })).toThrow('q: there is no argument a; it has none');
    expect(() => argumentWords(program, { toString: '1', slow: '1s' })).toThrow('there is no argument toString');
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgscope-programs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('of a TraceProgram takes the source that lies beside it', () => {
    put('pg_reads.bt', SOURCE);
    const file = put('pg_reads.yaml', 'apiVersion: pgscope.dev/v1alpha1\nkind: TraceProgram\nspec: {description: d}\n');
    expect(openProgram(file)).toMatchObject({ name: 'pg-reads', description: 'd', isBare: false });
    expect(shippedPrograms(folder)).toMatchObject([{ name: 'pg-reads', spec: { source: SOURCE } }]);
  });

  test('of a source is a program without a description', () => {
    expect(openProgram(put('other.bt', SOURCE))).toMatchObject({ name: 'other', isBare: true });
  });

  test.each([
    ['missing.bt', /missing.bt cannot be read: ENOENT/],
    ['nothing', /^nothing: there is no such program.*; a file ends in .yaml, .bt or .bpftrace$/],
  ])('that is not there: %s', (which, message) => {
    expect(() => openProgram(which)).toThrow(message);
  });

  test('with a mistake is named with field and line', () => {
    const file = put(
      'wrong.yaml',
      `apiVersion: pgscope.dev/v1alpha1\nkind: TraceProgram\nspec: {source: x, scop: node}\n`,
    );
    expect(() => openProgram(file)).toThrow(`${file}: spec.scop: unknown field; did you mean scope? (line 3)`);
  });

  test('that is too large is not read', () => {
    expect(() => openProgram(put('large.bt', ' '.repeat(300_000)))).toThrow(
      /has 300000 bytes; at most 262144 are read/,
    );
  });
});

describe('the version of bpftrace', () => {
  test('is compared by its numbers', () => {
    const program = checkedProgram('p', spec({ minVersion: '0.20' }));
    for (const version of ['0.20.0', '0.20', '0.21.3', '1.0.0'])
      expect(() => assertVersion(program, version)).not.toThrow();
    expect(() => assertVersion(program, '0.17.0')).toThrow('p: needs bpftrace 0.20 or newer; here is 0.17.0');
    expect(() => assertVersion(program, '0.9')).toThrow('needs bpftrace 0.20');
  });

  test('of none that can be run is a sentence', async () => {
    await expect(bpftraceVersion('/nowhere/bpftrace')).rejects.toThrow(
      /^bpftrace cannot be run as \/nowhere\/bpftrace \(.*ENOENT\); install it/,
    );
  });
});
