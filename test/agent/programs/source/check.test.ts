import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkSource } from '../../../../agent/programs/source.js';

const refusals = (text: string, scope: 'target' | 'node' = 'target'): string[] => {
  const checked = checkSource(text, scope);
  return 'refusals' in checked ? checked.refusals.map(({ line, reason }) => `${line}: ${reason}`) : [];
};

const EVERY_PROCESS =
  'this probe would see every process; write its predicate as /PGSCOPE_TARGET/ or /PGSCOPE_TARGET && …/, with nothing but && around PGSCOPE_TARGET';

describe('a program that is restricted', () => {
  test.each([
    'kprobe:f /PGSCOPE_TARGET/ { @ = count(); }',
    'kprobe:f,\n kprobe:g\n/PGSCOPE_TARGET/\n{ }',
    'kprobe:f /(PGSCOPE_TARGET)/ { }',
    'kprobe:f /((PGSCOPE_TARGET)) && arg0 > 1/ { }',
    'kprobe:f /arg0 > 1 && PGSCOPE_TARGET && (arg1 || arg2)/ { }',
    'kprobe:f /@a[tid] && PGSCOPE_TARGET/ { }',
    'kprobe:f /arg0 / 2 > 1 && PGSCOPE_TARGET/ { }',
    'kprobe:f /comm != "/ {" && PGSCOPE_TARGET/ { }',
    'kprobe:f /* { */ /PGSCOPE_TARGET/\n\n { printf("}"); // }\n }',
    'kprobe:f // {\n/PGSCOPE_TARGET /* && */ /{ }',
    'uprobe:/usr/lib/postgresql/15/bin/postgres:EndCommand /PGSCOPE_TARGET/ { }',
    'uprobe:"/my path/postgres":EndCommand /PGSCOPE_TARGET/ { }',
    'BEGIN { printf("x"); } END { clear(@a); } interval:s:1 { print(@a); } i:ms:10 { }',
    'begin { } end { }',
    '#!/usr/bin/env bpftrace\n#define PGSCOPE_TARGET (curtask->real_parent->tgid == $1)\nkprobe:f /PGSCOPE_TARGET/ { }',
    '#define MAX 5\n#define NAME "a b" // why\n#define SAME MAX\nBEGIN { printf("%s", NAME); }',
    'struct a { int b; struct { char c[4]; } d; };\nenum e { A = 1, B };\nBEGIN { }',
  ])('is taken: %s', (text) => {
    expect(refusals(text)).toEqual([]);
  });
});

describe('a probe without the placeholder where it counts', () => {
  test.each([
    'kprobe:f { }',
    'kprobe:f /pid == 1/ { }',
    'kprobe:f /PGSCOPE_TARGET || 1/ { }',
    'kprobe:f /1 || PGSCOPE_TARGET && 1/ { }',
    'kprobe:f /PGSCOPE_TARGET && 1 || 1/ { }',
    'kprobe:f /!PGSCOPE_TARGET/ { }',
    'kprobe:f /!(PGSCOPE_TARGET)/ { }',
    'kprobe:f /(PGSCOPE_TARGET || 1)/ { }',
    'kprobe:f /PGSCOPE_TARGET == 0/ { }',
    'kprobe:f /PGSCOPE_TARGET & 0/ { }',
    'kprobe:f /PGSCOPE_TARGET ? 1 : 1/ { }',
    'kprobe:f /1 ? 1 : PGSCOPE_TARGET && 1/ { }',
    'kprobe:f /$a = 1 && PGSCOPE_TARGET/ { }',
    'kprobe:f /1, PGSCOPE_TARGET && 1/ { }',
    'kprobe:f /str("PGSCOPE_TARGET") == ""/ { }',
    'kprobe:f /1 /* PGSCOPE_TARGET && *//{ }',
    'kprobe:f /1/ { PGSCOPE_TARGET }',
    'kprobe:f /PGSCOPE_TARGETS/ { }',
    'kprobe:f /$PGSCOPE_TARGET/ { }',
    'kprobe:f /@PGSCOPE_TARGET/ { }',
    'kprobe:f /-PGSCOPE_TARGET/ { }',
    'kprobe:f /()/ { }',
    'kprobe:f /a[PGSCOPE_TARGET]/ { }',
    'BEGIN, kprobe:f { }',
    'profile:hz:99 { }',
  ])('is refused: %s', (text) => {
    expect(refusals(text)).toEqual([`1: ${EVERY_PROCESS}`]);
  });

  test('is taken where the program may see the whole machine', () => {
    expect(refusals('kprobe:f { }', 'node')).toEqual([]);
    expect(refusals('kprobe:f /PGSCOPE_TARGET || 1/ { }', 'node')).toEqual([]);
  });

  test('is named by its own line', () => {
    expect(refusals('BEGIN { }\n\n// x\nkprobe:f\n{ }\nkprobe:g /PGSCOPE_TARGET/ { }\nkprobe:h { }')).toEqual([
      `4: ${EVERY_PROCESS}`,
      `7: ${EVERY_PROCESS}`,
    ]);
  });
});

describe('what does more than look', () => {
  test.each([
    ['system("rm")', 'system() is not allowed: it runs a command'],
    ['signal (9)', 'signal() is not allowed: it sends a signal'],
    ['override(1)', 'override() is not allowed: it changes what the kernel does'],
    ['cat("/etc/shadow")', 'cat() is not allowed: it reads a file of the machine'],
    ['skboutput("f", 1, 2, 3)', 'skboutput() is not allowed: it writes a file'],
    ['debugf("x")', "debugf() is not allowed: it writes to the kernel's log of traces"],
  ])('%s is refused, with its line', (call, reason) => {
    expect(refusals(`BEGIN {\n  if (1) { ${call}; }\n}`)).toEqual([`2: ${reason}`]);
    expect(refusals(`kprobe:f /PGSCOPE_TARGET && ${call}/ { }`)).toEqual([`1: ${reason}`]);
    expect(refusals(`kprobe:f { ${call}; }`, 'node')).toEqual([`1: ${reason}`]);
  });

  test('in a comment, a string or a name it is nothing', () => {
    expect(refusals('BEGIN { /* system("x") */ printf("system(1)"); @system = 1; $signal = 2; }')).toEqual([]);
  });

  const LIMITS = 'is not allowed: limits and libraries are set by pgscope';
  test.each([
    ['config = { max_map_keys = 1000000 }', `1: config ${LIMITS}`],
    ['import "x"; BEGIN { }', `1: import ${LIMITS}`],
    ['macro m() { 1 }', `1: macro ${LIMITS}`],
    ['fn f() : void { 1 }', `1: fn ${LIMITS}`],
    ['let @a = hash(9);', `1: let ${LIMITS}`],
    ['watchpoint:0x1:8:w /PGSCOPE_TARGET/ { }', '1: there are no probes "watchpoint" here'],
    ['iter:task /PGSCOPE_TARGET/ { }', '1: there are no probes "iter" here'],
    ['interval:us:1 { }', '1: interval:us:1: write hz, s or ms and a number, at most 1000 times a second'],
    [
      'profile:hz:9999 /PGSCOPE_TARGET/ { }',
      '1: profile:hz:9999: write hz, s or ms and a number, at most 1000 times a second',
    ],
    ['', '1: there is no probe in it'],
  ])('%s', (text, refusal) => {
    expect(refusals(text)).toEqual([refusal]);
  });
});

describe('the preprocessor', () => {
  const ONLY = 'of the preprocessor only #define NAME value is allowed, with one number, word or string as its value';
  const KEPT = 'names of constants are capitals, and not BEGIN, END, PGSCOPE_TARGET';
  test.each([
    ['#include <linux/fs.h>', `#include: ${ONLY}`],
    ['#undef PGSCOPE_TARGET', `#undef: ${ONLY}`],
    ['#define F(x) x', ONLY],
    ['#define ALL 1 || 1', ONLY],
    ['#define ALL 1 /* */ || 1', ONLY],
    ['#define pid 1', `#define pid: ${KEPT}`],
    ['#define curtask 0', `#define curtask: ${KEPT}`],
    ['#define END kprobe', `#define END: ${KEPT}`],
    ['#define OTHER PGSCOPE_TARGET', `#define OTHER: ${KEPT}`],
    ['#define OTHER 1 \\\n|| 1', 'this line goes on in the next one; write it in one'],
    ['#define PGSCOPE_TARGET 1\n#define PGSCOPE_TARGET 0', 'PGSCOPE_TARGET is defined a second time'],
  ])('%s', (line, reason) => {
    const [first] = refusals(`BEGIN { }\n${line}\n`);
    expect(first?.replace(/^[23]: /, '')).toBe(reason);
  });

  test('a function-like PGSCOPE_TARGET is none', () => {
    expect(refusals('#define PGSCOPE_TARGET(x) 1\nBEGIN { }')).toEqual([`1: ${ONLY}`]);
  });
});

describe('what is no program', () => {
  test.each([
    ['kprobe:f /PGSCOPE_TARGET/', '1: the predicate has no end; a / and a { close it'],
    ['kprobe:f /PGSCOPE_TARGET/ { if (1) { }', '1: the block that begins here has no end'],
    ['BEGIN { printf("x); }', '1: a string begins here that nothing closes'],
    ['BEGIN { } /* x', '1: a comment begins here that nothing closes'],
    ['BEGIN { ( } )', '1: a } that closes nothing'],
    ['kprobe:f /PGSCOPE_TARGET)/ { }', '1: a ) that closes nothing'],
    ['kprobe:f /(PGSCOPE_TARGET/ { }', '1: the predicate lacks a )'],
    ["BEGIN { $x = 'a'; }", `1: bpftrace's language has no "'" here`],
    ['kprobe:f/PGSCOPE_TARGET/ { }', '1: put a space between the place to attach to and the predicate'],
    ['uprobe:/a//b:f /PGSCOPE_TARGET/ { }', '1: write the path with single slashes, and no comment behind it'],
    ['uprobe:/a/*b:f /PGSCOPE_TARGET/ { }', '1: write the path with single slashes, and no comment behind it'],
    ['BEGIN { } #define A 1', '1: a # stands in the middle of a line'],
    ['{ }', '1: a probe begins here without a place to attach to'],
    ['kprobe:f; { }', '1: "kprobe:f;" is no place to attach a probe to'],
    ['kprobe:f /PGSCOPE_TARGET/ /* as to bpftrace, too */ { }', '1: the predicate has no end; a / and a { close it'],
    ['struct { int a;', '1: the block that begins here has no end'],
  ])('%s', (text, refusal) => {
    expect(refusals(text)).toEqual([refusal]);
  });
});

test('it has at most 64 places to attach to', () => {
  const points = (count: number) => Array.from({ length: count }, (_, i) => `kprobe:f${i}`).join(',');
  expect(refusals(`${points(64)} /PGSCOPE_TARGET/ { }`)).toEqual([]);
  expect(refusals(`${points(65)} /PGSCOPE_TARGET/ { }`)).toEqual([
    '1: it has 65 places to attach to; at most 64 are allowed',
  ]);
});

test('what its maps hold is told by what is assigned to them', () => {
  const checked = checkSource(
    'BEGIN { @ = count(); @a[pid, @b[1]] = hist(1); @b[1] = 5; @c = $x + count(); @d=lhist(1,2,3,4); }',
    'target',
  );
  expect(checked).toMatchObject({
    aggregates: [
      { name: '', call: 'count', isKeyed: false },
      { name: 'a', call: 'hist', isKeyed: true },
      { name: 'd', call: 'lhist', isKeyed: false },
    ],
    readsText: false,
    attachPoints: 1,
    isCounted: true,
  });
});

test('whatever the text is, there is an answer', () => {
  const piece = fc.constantFrom(
    ...[
      'kprobe:f',
      'BEGIN',
      'interval:s:1',
      ' ',
      '\n',
      '/',
      '{',
      '}',
      '(',
      ')',
      '"',
      '\\',
      '//',
      '/*',
      '*/',
      '#define ',
      '#',
    ],
    ...['PGSCOPE_TARGET', '&&', '||', '!', '@a', '=', 'count()', ';', ',', '1', 'struct ', "'", '$1', 'system('],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
      for (const refusal of refusals(pieces.join(''))) expect(refusal).toMatch(/^[1-9]\d*: \S/);
    }),
    { numRuns: 2000 },
  );
});
