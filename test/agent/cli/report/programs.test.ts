import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bucketsFrom } from '../../../../agent/cli/report/buckets.js';
import { gather, type Recording } from '../../../../agent/cli/report/gather.js';
import type { PointRecord } from '../../../../agent/cli/report/otlp.js';
import { rangeText } from '../../../../agent/cli/report/page/program-histogram.js';
import { fieldName, keyNames, keyText } from '../../../../agent/cli/report/page/program-keys.js';
import { programsSection } from '../../../../agent/cli/report/page/programs.js';
import { renderPage } from '../../../../agent/cli/report/page.js';
import { EventList } from '../../../../agent/cli/report/program-events.js';
import { type ProgramResult, ProgramStore } from '../../../../agent/cli/report/programs.js';
import { fileOf, point, temporaryPath } from './lines.js';
import { recordPrograms } from './programs.js';
import { recordShop } from './shop.js';

const PART = { name: 'p', description: 'What it shows.', metricDescription: 'Calls', unit: '{call}' };

function told(given: Partial<PointRecord>): PointRecord {
  return point({ metric: 'my.calls', program: PART, startSeconds: 10, timeSeconds: 20, ...given });
}

function resultOf(points: PointRecord[], maxSeries?: number): ProgramResult | undefined {
  const store = new ProgramStore(maxSeries);
  for (const each of points) expect(store.add(each)).toBe(true);
  return store.list()[0];
}

function seriesOf(points: PointRecord[]): [Record<string, unknown>, number][] {
  return (resultOf(points)?.metrics ?? []).flatMap(({ series }) =>
    series.map(({ attributes, value }): [Record<string, unknown>, number] => [attributes, value]),
  );
}

/** Values of 2 on average. */
function histogramOf(bounds: number[], counts: number[]) {
  const count = counts.reduce((sum, each) => sum + each, 0);
  return { buckets: bucketsFrom(bounds, counts), count, sum: 2 * count };
}

/** The section without tags; what stands in different ones has a blank between. */
function textOf(markup: string): string {
  return markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

function sectionText(result: Partial<ProgramResult>): string {
  const whole = { name: 'p', description: '', fromSeconds: 0, toSeconds: 30, metrics: [], events: [], ...result };
  return textOf(programsSection({ programs: [whole] })?.markup ?? '');
}

describe('what a program told', () => {
  test('is its last values, with what it shows and when it ran', () => {
    const points = [told({ value: 3 }), told({ value: 8, timeSeconds: 30 }), told({ ended: true, timeSeconds: 31 })];
    expect(resultOf(points)).toEqual({
      name: 'p',
      description: 'What it shows.',
      fromSeconds: 10,
      toSeconds: 31,
      metrics: [
        {
          name: 'my.calls',
          description: 'Calls',
          unit: '{call}',
          kind: 'counter',
          series: [{ attributes: {}, value: 8, sum: 0, buckets: new Map() }],
        },
      ],
      events: [],
    });
  });

  test('is the sum of all runs and of all servers, the largest series first', () => {
    const other = { key: 'other', attributes: {} };
    const points = [
      told({ attributes: { a: 'x' }, value: 3 }),
      told({ attributes: { a: 'x' }, value: 2, startSeconds: 40, timeSeconds: 50 }),
      told({ attributes: { a: 'x' }, value: 1, startSeconds: 40, timeSeconds: 60 }),
      told({ attributes: { a: 'x' }, value: 100, resource: other }),
      told({ attributes: { a: 'y' }, value: 400 }),
      told({ attributes: { a: 'x' }, value: 5, temporality: 'delta', resource: { key: 'third', attributes: {} } }),
      told({
        attributes: { a: 'x' },
        value: 5,
        temporality: 'delta',
        startSeconds: 20,
        timeSeconds: 30,
        resource: { key: 'third', attributes: {} },
      }),
    ];
    expect(seriesOf(points)).toEqual([
      [{ a: 'y' }, 400],
      [{ a: 'x' }, 3 + 2 + 1 + 100 + 10],
    ]);
  });

  test('does not count again what comes twice', () => {
    expect(seriesOf([told({ value: 8 }), told({ value: 8 }), told({ value: 3, timeSeconds: 15 })])).toEqual([[{}, 8]]);
  });

  test('as a gauge is the last value, of several servers the largest', () => {
    const gauge = { temporality: 'gauge' as const, startSeconds: undefined };
    const other = { key: 'other', attributes: {} };
    const points = [
      told({ ...gauge, value: 9 }),
      told({ ...gauge, value: 4, timeSeconds: 30 }),
      told({ ...gauge, value: 3, resource: other }),
    ];
    expect(seriesOf(points)).toEqual([[{}, 4]]);
  });

  test('as a histogram is its buckets, also if they become more and if the program is run again', () => {
    const histogram = (bounds: number[], counts: number[], given: Partial<PointRecord>) =>
      told({ ...given, program: { ...PART, histogram: histogramOf(bounds, counts) } });
    const result = resultOf([
      histogram([1], [2, 0], {}),
      histogram([1, 3], [2, 5, 0], { timeSeconds: 30 }),
      histogram([3], [4, 1], { startSeconds: 50, timeSeconds: 60 }),
      histogram([3], [6, 1], { startSeconds: 50, timeSeconds: 70 }),
    ]);
    expect(result?.metrics[0]).toMatchObject({ kind: 'histogram', series: [{ value: 14, sum: 28 }] });
    expect([...(result?.metrics[0]?.series[0]?.buckets ?? [])]).toEqual([
      [1, 2],
      [3, 9 + 2],
      [Number.POSITIVE_INFINITY, 1],
    ]);
  });

  test('has limits, and what is beyond them is counted', () => {
    const store = new ProgramStore(2);
    for (const a of ['x', 'y', 'z']) store.add(told({ attributes: { a } }));
    expect(store.overflowed).toBe(1);
    for (let n = 0; n < 60; n++)
      store.add(told({ program: { ...PART, name: `p${n}` }, metric: 'pgscope.program.running' }));
    expect(store.list()).toHaveLength(50);
    expect(store.overflowed).toBe(1 + 11);
  });
});

describe('events', () => {
  const event = (n: number, attributes: Record<string, string | number>, name = 'my.event') => ({
    program: 'p',
    name,
    timeNs: BigInt(n),
    attributes,
  });

  test('with a duration are the slowest ones', () => {
    const list = new EventList();
    for (let n = 0; n < 50; n++) list.add(event(n, { file: 'x', duration_us: (n * 7) % 50 }));
    const [kind] = list.list();
    expect(kind).toMatchObject({ name: 'my.event', count: 50, durationField: 'duration_us' });
    expect(kind?.events.map(({ attributes }) => attributes.duration_us)).toEqual(
      Array.from({ length: 15 }, (_, at) => 49 - at),
    );
  });

  test('without one are the last ones', () => {
    const list = new EventList();
    for (let n = 0; n < 50; n++) list.add(event(n, { file: 'x', my_status: 1 }));
    expect(list.list()[0]?.events.map(({ timeNs }) => Number(timeNs))).toEqual(
      Array.from({ length: 15 }, (_, at) => 49 - at),
    );
  });

  test('of too many kinds are counted', () => {
    const list = new EventList();
    for (let n = 0; n < 25; n++) list.add(event(n, {}, `event${n}`));
    expect([list.list().length, list.leftOut]).toEqual([20, 5]);
  });
});

describe('a file of pgscope run', () => {
  let recording: Recording;
  let page = '';
  beforeAll(async () => {
    const path = await temporaryPath('programs.jsonl');
    await recordPrograms(path);
    recording = await gather(path);
    page = renderPage(recording, 'programs.jsonl');
  });

  test('has the shipped programs with their descriptions, and nothing of them anywhere else', () => {
    expect(recording.programs.map(({ name }) => name)).toEqual([
      'pg-cpudist',
      'pg-read-sleep',
      'pg-syscalls',
      'pg-writesnoop',
    ]);
    expect(recording.programs[2]?.description).toMatch(/^System calls of PostgreSQL's processes/);
    expect(recording).toMatchObject({ queries: [], background: [], losses: [], overflowedPoints: 0 });
    expect(recording.servers).toHaveLength(1);
  });

  test('is drawn without any capture beside', () => {
    expect(page).toContain('<h1>PostgreSQL on shop-db-1</h1>');
    expect(page).not.toContain('no time was recorded');
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test('shows a histogram by key, in ranges of its unit, with the values and bars of each', () => {
    const section = /<section id="programs">[\s\S]*?<\/section>/.exec(page)?.[0] ?? '';
    const text = textOf(section);
    expect(text).toContain('pg-cpudist');
    expect(text).toContain('Time on a CPU without a break by backend type pgscope.program.cpu.run.duration');
    expect(text).toMatch(
      /Time client backend io worker walwriter checkpointer autovacuum worker 0 – 1 µs 79 97 95 0 0 /,
    );
    expect(text).toContain('31 – 63 µs 41,000 4,128 331 23 1');
    expect(text).toContain('511 µs – 1.02 ms');
    expect(text).toContain('values 145,335 18,779 3,172 778 280 p50 ≤ 63 µs');
    expect(section).toContain('<span class="gauge"><i class="c1" style="width:100%"></i></span><span class="">41,000');
  });

  test('sums up all but the most frequent keys', () => {
    const text = textOf(page);
    expect(text).toMatch(/by statement [a-z._]+ Time SELECT order_items SELECT p\.category[^0]*?3 others/);
    expect(text).toMatch(/3 others 2,755 2\.0 %/);
  });

  test('shows counters as bars, the largest first, with their share', () => {
    expect(textOf(page)).toContain(
      'Time on a CPU by backend type pgscope.program.cpu.time client backend 11.4 s 98.1 % checkpointer 210 ms 1.8 % walwriter 9.00 ms &#60;0.1 %',
    );
  });

  test('shows the slowest events, each with its fields', () => {
    const text = textOf(page);
    expect(text).toContain(
      'Events: the 15 slowest of 40 pgscope.program.write Time (UTC) PID backend type operation size duration file directory file name statement',
    );
    expect(text).toMatch(/\d\d:\d\d:\d\d\.\d{3} 5025 checkpointer pwrite64 8\.00 KiB 10\.0 ms base\/5 16384 /);
    expect(text).not.toContain('14:31:00.123456');
  });

  test('is part of the page of the capture that ran beside it: one server, and its period', async () => {
    const [shop, programs] = [await temporaryPath('shop.jsonl'), await temporaryPath('programs.jsonl')];
    await Promise.all([recordShop(shop, { seconds: 20 }), recordPrograms(programs)]);
    const both = await Promise.all([programs, shop].map((path) => readFile(path, 'utf8')));
    const joined = await gather(await fileOf(both.map((lines) => lines.trimEnd())));
    const alone = await gather(shop);
    expect(joined.servers).toEqual(alone.servers);
    expect(joined).toMatchObject({ fromSeconds: alone.fromSeconds, toSeconds: alone.toSeconds });
    expect(joined.background.map(({ backendType }) => backendType)).toEqual(
      alone.background.map(({ backendType }) => backendType),
    );
    expect(joined.programs).toHaveLength(4);
  });
});

describe('the section', () => {
  const series = (value: number, attributes = {}) => ({
    attributes,
    value,
    sum: 0,
    buckets: new Map<number, number>(),
  });
  const metric = { name: 'm', description: '', unit: '1', kind: 'gauge' as const, series: [] };

  test('is not there without programs', () => {
    expect(programsSection({ programs: [] })).toBeUndefined();
  });

  test('says of a program that told nothing that it did not', () => {
    expect(sectionText({})).toMatch(/p 00:00:00 – 00:00:30 UTC, 30\.0 s It told nothing\./);
  });

  test('adds up no gauges, and gives them no shares', () => {
    const values = Array.from({ length: 12 }, (_, at) => series(100 - at, { n: `k${at}` }));
    const text = sectionText({ metrics: [{ ...metric, series: values }] });
    expect(text).toMatch(/m by n, as of the last time m k0 100 k1 99 .*k7 93 and 4 smaller ones/);
    expect(text).not.toContain('%');
  });

  test('draws values of 0, and means of histograms of which count and sum alone are known', () => {
    const stats = Array.from({ length: 14 }, (_, at) => ({ ...series(8, { n: `k${at}` }), sum: 0.004 }));
    const histogram = { ...metric, unit: 's', kind: 'histogram' as const, series: [...stats, series(0)] };
    const text = sectionText({ metrics: [{ ...metric, series: [series(0)] }, histogram] });
    expect(text).toMatch(/Key Values Mean Sum k0 8 500 µs 4\.00 ms k1 .*and 3 less frequent ones .* all 0 /);
    expect(text).not.toMatch(/NaN|Infinity/);
  });

  test('joins the neighbours of histograms with very many buckets, without losing a value', () => {
    const bounds = Array.from({ length: 100 }, (_, at) => at * 10);
    const counts = bounds.map(() => 1);
    const buckets = bucketsFrom(bounds, [...counts, 0]);
    const text = sectionText({
      metrics: [{ ...metric, kind: 'histogram', series: [{ ...series(100), buckets }] }],
    });
    expect(text).toContain('Value all ≤ 20 3 20 – 50 3');
    expect(text).toContain('values 100');
  });
});

test.each([
  [{ above: 0.000063, upTo: 0.000127 }, 's', '63 – 127 µs'],
  [{ above: 0.000511, upTo: 0.001023 }, 's', '511 µs – 1.02 ms'],
  [{ above: 1023, upTo: 8191 }, 'By', '1 – 8 KiB'],
  [{ above: 100, upTo: 200 }, '1', '100 – 200'],
  [{ above: 50, upTo: 90 }, '%', '50 – 90 %'],
  [{ above: undefined, upTo: 0.001 }, 's', '≤ 1 ms'],
  [{ above: -1, upTo: 0 }, '1', '0'],
  [{ above: -1, upTo: 9 }, '1', '≤ 9'],
  [{ above: 8, upTo: undefined }, 's', '> 8 s'],
])('the range %p in %s is %s', (range, unit, text) => {
  expect(rangeText(range, unit)).toBe(text);
});

describe('keys', () => {
  test.each([
    [{ 'pgscope.backend.type': 'client backend', 'pgscope.operation': 'fsync' }, 'client backend · fsync'],
    [{ 'db.query.summary': 'SELECT t', 'db.query.text': 'select  1\n from t' }, 'select 1 from t'],
    [{ 'db.query.summary': 'SELECT t' }, 'SELECT t'],
    [{ 'pgscope.syscall.name': 'read', 'pgscope.syscall.number': 0 }, 'read'],
    [{ 'pgscope.syscall.name': '', 'pgscope.syscall.number': 335 }, 'number 335'],
    [{ 'pgscope.syscall.errno': 11 }, 'errno 11'],
    [{ 'otel.metric.overflow': true }, 'all others'],
    [{ a: '' }, '(none)'],
    [{}, 'all'],
  ])('%p are called %s', (attributes, text) => {
    expect(keyText(attributes as Record<string, string>)).toBe(text);
  });

  test('have names', () => {
    expect(keyNames([{ 'pgscope.backend.type': 'x', 'pgscope.file.kind': 'y' }, { 'db.query.text': 'z' }])).toBe(
      'backend type, file kind and statement',
    );
    expect(keyNames([{}])).toBe('');
    expect(['pgscope.program.key', 'my_own.name', 'process.pid'].map(fieldName)).toEqual(['key', 'my own name', 'PID']);
  });
});
