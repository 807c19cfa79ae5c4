import { describe, expect, test } from '@jest/globals';
import { createByteBudget, createEventBudget } from '../../../../agent/programs/bpftrace/budget.js';
import { createComplaints } from '../../../../agent/programs/bpftrace/complaints.js';

test('so many events in a second, and as many at once after a quiet one', () => {
  let now = 0;
  const budget = createEventBudget(10, () => now);
  const taken = () => Array.from({ length: 30 }, () => budget.take()).filter(Boolean).length;
  expect(taken()).toBe(10);
  now = 500;
  expect(taken()).toBe(5);
  now = 100_000;
  expect(taken()).toBe(10);
});

test('above so many bytes reading waits for the next second', () => {
  let now = 0;
  const budget = createByteBudget(100, () => now);
  expect(budget.spend(99)).toBe(0);
  now = 300;
  expect(budget.spend(1)).toBe(700);
  now = 1000;
  expect(budget.spend(50)).toBe(0);
});

describe('what bpftrace says', () => {
  const first = (...lines: string[]) => {
    const complaints = createComplaints();
    for (const line of lines) complaints.add(line);
    return complaints.first;
  };

  test('the first error, with its place', () => {
    expect(
      first(
        "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace.",
        'stdin:1:1-20: WARNING: no_such_fn is not traceable',
        'stdin:3:9-23: ERROR: syntax error, unexpected ;',
        '        ~~~~',
        'stdin:4:1: ERROR: another one',
      ),
    ).toBe('line 3, column 9: syntax error, unexpected ;');
  });

  test('else the last line', () => {
    expect(first('a', 'error: BPF stack limit', '   ~~~ ')).toBe('error: BPF stack limit');
    expect(first()).toBeUndefined();
  });

  test('is bounded', () => {
    expect(first(`ERROR: ${'x'.repeat(1000)}`)).toBe(`${'x'.repeat(300)}…`);
  });
});
