import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkSource, expandSource, type TargetProcesses, tokensOf } from '../../../../agent/programs/source.js';

function expanded(text: string, processes: TargetProcesses = { postmaster: 42 }, maps: string[] = []): string {
  const source = checkSource(text, 'target');
  if ('refusals' in source) throw new Error(JSON.stringify(source.refusals));
  return expandSource({ source, processes, executable: '/proc/42/exe', maps, intervalMs: 500 });
}

const SERVER = '(curtask->real_parent->tgid == 42 || pid == 42)';

test('the condition stands in front of the whole predicate', () => {
  expect(expanded('kprobe:f /arg0 && PGSCOPE_TARGET/ { @ = 1; }')).toBe(
    `kprobe:f /${SERVER} && (arg0 && 1)/ { @ = 1; }\n`,
  );
  expect(expanded('kprobe:f /PGSCOPE_TARGET/ { }', { pidNamespace: 4026532000 })).toBe(
    'kprobe:f /(curtask->nsproxy->pid_ns_for_children->ns.inum == 4026532000) && (1)/ { }\n',
  );
  expect(expanded('kprobe:f /PGSCOPE_TARGET/ { }', 'node')).toBe('kprobe:f /(1) && (1)/ { }\n');
});

test('lines stay where they are; comments and what is for plain use are blank', () => {
  const text =
    '#!/usr/bin/env bpftrace\n/* a\n b */\n#define PGSCOPE_TARGET (1)\n#define N 5\nBEGIN { // c\n @a = N; }';
  const lines = expanded(text).split('\n');
  expect(lines.map((line) => line.trim())).toEqual(['', '', '', '', '#define N 5', 'BEGIN {', '@a = N; }', '']);
});

test('in a block the placeholder is the condition', () => {
  expect(expanded('BEGIN { if (PGSCOPE_TARGET) { printf("PGSCOPE_TARGET"); } }')).toBe(
    `BEGIN { if (${SERVER}) { printf("PGSCOPE_TARGET"); } }\n`,
  );
});

test('maps are printed at each interval', () => {
  expect(expanded('BEGIN { @a = count(); }', 'node', ['a', 'b'])).toBe(
    'BEGIN { @a = count(); }\ninterval:ms:500 { print(@a); print(@b); }\n',
  );
});

test('before END clears them, they are printed whole', () => {
  expect(expanded('END { print(@a, 5); clear(@a); }', 'node', ['a'])).toBe(
    'END { print(@a); print(@a, 5); clear(@a); }\ninterval:ms:500 { print(@a); }\n',
  );
});

describe('the executable', () => {
  test.each([
    ['uprobe:postgres:f', 'uprobe:/proc/42/exe:f'],
    ['uretprobe:/usr/lib/postgresql/15/bin/postgres:f', 'uretprobe:/proc/42/exe:f'],
    ['u:"/my dir/postgres":f', 'u:/proc/42/exe:f'],
    ['uprobe:/proc/$1"/exe":f', 'uprobe:/proc/42/exe:f'],
    ['uprobe:/proc/$1/exe:f', 'uprobe:/proc/42/exe:f'],
    ['usdt:postgres:postgresql:query__start', 'usdt:/proc/42/exe:postgresql:query__start'],
    ['uprobe:/lib/x86_64-linux-gnu/libc.so.6:read', 'uprobe:/lib/x86_64-linux-gnu/libc.so.6:read'],
    ['uprobe:/bin/notpostgres:f', 'uprobe:/bin/notpostgres:f'],
    ['kprobe:postgres', 'kprobe:postgres'],
  ])('%s', (written, run) => {
    expect(expanded(`${written} /PGSCOPE_TARGET/ { }`)).toBe(`${run} /${SERVER} && (1)/ { }\n`);
  });
});

test('whatever is taken, every probe but the free ones begins with the condition, and no placeholder is left', () => {
  const term = fc.constantFrom(
    'PGSCOPE_TARGET',
    '(PGSCOPE_TARGET)',
    'arg0',
    '(arg0 || arg1)',
    '!arg2',
    '"/ {" != comm',
    '/* x */ 1',
  );
  const operator = fc.constantFrom('&&', '||', '==', '/', '?', ',');
  const predicate = fc
    .array(fc.tuple(term, operator), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([one, sign], index) => (index === 0 ? one : `${sign} ${one}`)).join(' '));
  const probe = predicate.map((text) => `kprobe:f /${text}/ { @a = "PGSCOPE_TARGET"; }`);
  fc.assert(
    fc.property(fc.array(probe, { minLength: 1, maxLength: 3 }), (probes) => {
      const source = checkSource(probes.join('\n'), 'target');
      if ('refusals' in source) return;
      const text = expandSource({ source, processes: { postmaster: 42 }, executable: 'x', maps: [], intervalMs: 1 });
      expect(text.split(`kprobe:f /${SERVER} && (`)).toHaveLength(probes.length + 1);
      expect(tokensOf(text).filter(({ kind, text: word }) => kind === 'word' && word === 'PGSCOPE_TARGET')).toEqual([]);
    }),
  );
});
