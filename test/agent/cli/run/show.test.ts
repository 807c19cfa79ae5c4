import { describe, expect, test } from '@jest/globals';
import { runArguments } from '../../../../agent/cli/run/arguments.js';
import { programLossSentences } from '../../../../agent/cli/run/losses.js';
import { showMetrics } from '../../../../agent/cli/run/show.js';
import { keyValues } from '../../../../agent/telemetry.js';

const point = (attributes: Record<string, string | number>, asInt: string) => ({
  attributes: keyValues(attributes),
  timeUnixNano: '1',
  asInt,
});

describe('maps as text', () => {
  test('counters, the largest first, with the text of a statement in place of its summary', () => {
    const dataPoints = [
      point({ 'process.name': 'a\nb' }, '5'),
      point({ 'db.query.summary': 'SELECT t', 'db.query.text': 'select  *\nfrom t', n: 3 }, '2000000'),
    ];
    const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: true };
    expect(showMetrics([{ name: 'my.calls', description: 'Calls', unit: '{call}', sum }])).toBe(
      'my.calls: Calls\n      2.00 M  select * from t n=3\n           5  process.name=a b\n',
    );
  });

  test('histograms, from the first bucket with a value to the last', () => {
    const dataPoints = [
      {
        attributes: keyValues({ a: 'x' }),
        startTimeUnixNano: '1',
        timeUnixNano: '2',
        count: '7',
        sum: 0.005,
        bucketCounts: ['0', '2', '0', '4', '1'],
        explicitBounds: [0.001, 0.002, 0.004, 0.008],
      },
    ];
    const histogram = { dataPoints, aggregationTemporality: 2 };
    expect(showMetrics([{ name: 'my.time', description: '', unit: 's', histogram }])).toBe(
      [
        'my.time',
        '  a=x (7 values, 5.00 ms in all)',
        '     ≤ 2.00 ms          2 |###############               |',
        '     ≤ 4.00 ms          0 |                              |',
        '     ≤ 8.00 ms          4 |##############################|',
        '     > 8.00 ms          1 |########                      |',
        '',
      ].join('\n'),
    );
  });

  test('twenty of many', () => {
    const dataPoints = Array.from({ length: 25 }, (_, index) => point({ index }, '1'));
    const lines = showMetrics([{ name: 'my.size', description: '', unit: 'By', gauge: { dataPoints } }]).split('\n');
    expect(lines).toHaveLength(23);
    expect(lines.at(-2)).toBe('              (5 more)');
  });
});

test('what is missing is said with its effect, titles that a program prints are not missing', () => {
  expect(programLossSentences({ eventsLost: 1, mapsFull: 2, linesUnknown: 3, helperErrors: 0 })).toEqual([
    "1 event lost, since bpftrace's buffer was full: let the program print less.",
    'A map had 4096 entries (2 times), more than which bpftrace does not keep: let it have fewer keys.',
  ]);
});

describe('the command line', () => {
  test('has defaults', () => {
    expect(runArguments(['pg-cpudist'])).toMatchObject({
      program: 'pg-cpudist',
      selection: { pids: [], dataDirectories: [] },
      args: {},
      durationMs: undefined,
      intervalMs: 10_000,
      printsIntervals: false,
      queryText: 'normalized',
    });
  });

  test('takes everything', () => {
    const argv = ['--pid', '5', 'x.bt', '--arg', 'a=1', '--arg', 'b=c=d', '--duration', '2s', '--interval', '100ms'];
    expect(runArguments([...argv, '--print', '--query-text', 'none'])).toMatchObject({
      program: 'x.bt',
      selection: { pids: [5] },
      args: { a: '1', b: 'c=d' },
      durationMs: 2000,
      intervalMs: 100,
      printsIntervals: true,
      queryText: 'none',
    });
    expect(runArguments(['--list']).program).toBeUndefined();
  });

  test.each([
    [[], 'which program? Give a name of pgscope run --list, or a file'],
    [['a', 'b'], 'b: not an option; write options as --name value'],
    [['a', '--arg', 'x'], '--arg x: write it as --arg name=value'],
    [['a', '--arg', '=x'], '--arg =x: write it as --arg name=value'],
    [['a', '--interval', '1'], '--interval: "1" has no unit; write for example 1ms'],
    [['a', '--interval', '99ms'], '--interval 99ms: give 100ms to 1h'],
    [['a', '--query-text', 'all'], '--query-text all: unknown; give none, normalized, raw'],
    [['a', '--intervall', '1s'], '--intervall: there is no such option; did you mean --interval?'],
  ])('%j', (argv, message) => {
    expect(() => runArguments(argv)).toThrow(message);
  });
});
