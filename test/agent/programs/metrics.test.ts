import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createProgramMetrics } from '../../../agent/programs/metrics.js';
import { bareProgram, type Program } from '../../../agent/programs/program.js';
import type { ProgramMap } from '../../../api/trace-program.js';

const map = (fields: Partial<ProgramMap>): ProgramMap => ({
  ...{ name: 'a', metric: 'my.a', description: '', unit: '1', kind: 'counter', scale: 1, keys: [] },
  ...fields,
});
const name = { name: 'name', type: 'string' as const };
const disclose = () => ({ summary: 'S', text: undefined });

function metricsOf(maps: ProgramMap[], options: { maxSeries?: number; maxEntries?: number } = {}) {
  const program: Program = { ...bareProgram('p', 'BEGIN { @a = count(); }'), maps, isBare: false };
  const metrics = createProgramMetrics(program, { disclose, maxEntries: 4096, ...options });
  const points = (ended = false) =>
    metrics.metrics({ startUnixNano: 1n, timeUnixNano: 2n }, ended).flatMap(({ sum, gauge, histogram }) =>
      [...(sum ?? gauge ?? { dataPoints: [] }).dataPoints, ...(histogram?.dataPoints ?? [])].map((point) => ({
        ...point,
        attributes: point.attributes.map(({ key, value }) => `${key}=${Object.values(value)[0]}`).join(),
      })),
    );
  return { metrics, points };
}

describe('a counter', () => {
  test('goes on where the map begins anew, and where bpftrace does', () => {
    const { metrics, points } = metricsOf([map({ keys: [name] })]);
    metrics.update('a', { x: 5, y: 1 });
    metrics.update('a', { x: 2 });
    expect(points()).toMatchObject([
      { attributes: 'name=x', asInt: '7', startTimeUnixNano: '1', timeUnixNano: '2' },
      { attributes: 'name=y', asInt: '1' },
    ]);
    metrics.restarted();
    metrics.update('a', { x: 3, y: 1 });
    expect(points()).toMatchObject([{ asInt: '10' }, { asInt: '2' }]);
  });

  test('never decreases, whatever the map holds', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(100))), (told) => {
        const { metrics, points } = metricsOf([map({ keys: [name] })]);
        let last = 0;
        for (const value of told) {
          metrics.update('a', value === null ? {} : { x: value });
          const now = Number((points()[0] as { asInt?: string } | undefined)?.asInt ?? 0);
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });

  test('statements with one normal form are one series', () => {
    const { metrics, points } = metricsOf([map({ keys: [{ name: 'q', type: 'query' }, name], scale: 0.5 })]);
    metrics.update('a', { 'select 1, 2,x': 5, 'select 3, 4,x': 6, 'select 3,y': 1 });
    expect(points()).toMatchObject([
      { attributes: 'db.query.summary=S,name=x', asDouble: 5.5 },
      { attributes: 'db.query.summary=S,name=y', asDouble: 0.5 },
    ]);
  });

  test('of stats() is the sum', () => {
    const { metrics, points } = metricsOf([map({})]);
    metrics.update('a', { count: 2, average: 15, total: 30 });
    metrics.update('a', { count: 3, average: 11, total: 33 });
    expect(points()).toMatchObject([{ asInt: '33' }]);
  });
});

test('a gauge has the last value, and none where the key is gone', () => {
  const { metrics, points } = metricsOf([map({ kind: 'gauge', keys: [name] })]);
  metrics.update('a', { x: 5, y: 7 });
  metrics.update('a', { x: 2 });
  expect(points()).toMatchObject([{ attributes: 'name=x', asInt: '2', startTimeUnixNano: undefined }]);
});

describe('a histogram', () => {
  const log2 = (...counts: number[]) =>
    counts.map((count, index) => ({ min: index === 0 ? 0 : 2 ** (index - 1), max: 2 ** index - 1, count }));

  test('has the bounds of its buckets, in its unit, the same for all series', () => {
    const { metrics, points } = metricsOf([map({ kind: 'histogram', keys: [name], scale: 1e-9 })]);
    metrics.update('a', { x: log2(0, 0, 4).slice(2), y: [{ min: 8, max: 15, count: 1 }] });
    const explicitBounds = [1e-9, 3e-9, 7e-9, 15e-9];
    expect(points()).toMatchObject([
      { attributes: 'name=x', count: '4', bucketCounts: ['0', '4', '0', '0', '0'], explicitBounds },
      { attributes: 'name=y', count: '1', bucketCounts: ['0', '0', '0', '1', '0'], explicitBounds },
    ]);
  });

  test('goes on where the map begins anew', () => {
    const { metrics, points } = metricsOf([map({ kind: 'histogram' })]);
    metrics.update('a', log2(1, 2, 3));
    metrics.update('a', log2(1));
    expect(points()).toMatchObject([
      { count: '7', explicitBounds: [-1, 0, 1, 3], bucketCounts: ['0', '2', '2', '3', '0'] },
    ]);
  });

  test('of stats() has count and sum alone', () => {
    const { metrics, points } = metricsOf([map({ kind: 'histogram', scale: 2 })]);
    metrics.update('a', { count: 2, average: 15, total: 30 });
    expect(points()).toMatchObject([{ count: '2', sum: 60, bucketCounts: [], explicitBounds: [] }]);
  });

  test('of very many buckets keeps at most 200 bounds, and every value', () => {
    const { metrics, points } = metricsOf([map({ kind: 'histogram' })]);
    metrics.update(
      'a',
      Array.from({ length: 1000 }, (_, index) => ({ min: index * 10, max: index * 10 + 9, count: 1 })),
    );
    const [point] = points() as { explicitBounds: number[]; bucketCounts: string[] }[];
    expect(point?.explicitBounds.length).toBeLessThanOrEqual(200);
    expect(point?.explicitBounds.at(-1)).toBe(9999);
    expect(point?.bucketCounts.reduce((sum, count) => sum + Number(count), 0)).toBe(1000);
  });

  test('counts of buckets add up to the count', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9), { maxLength: 20 })), (prints) => {
        const { metrics, points } = metricsOf([map({ kind: 'histogram' })]);
        for (const counts of prints) metrics.update('a', log2(...counts));
        for (const { count, bucketCounts, explicitBounds } of points() as {
          count: string;
          bucketCounts: string[];
          explicitBounds: number[];
        }[]) {
          expect(bucketCounts.reduce((sum, own) => sum + Number(own), 0)).toBe(
            bucketCounts.length === 0 ? 0 : Number(count),
          );
          expect(explicitBounds).toEqual([...explicitBounds].sort((a, b) => a - b));
        }
      }),
    );
  });
});

describe('limits', () => {
  test('series beyond the limit are counted together', () => {
    const { metrics, points } = metricsOf([map({ keys: [name] })], { maxSeries: 2 });
    metrics.update('a', { a: 1, b: 2, c: 3, d: 4 });
    metrics.update('a', { a: 1, b: 2, c: 3, d: 5 });
    expect(points().map((point) => [point.attributes, (point as { asInt?: string }).asInt])).toEqual([
      ['name=a', '1'],
      ['name=b', '2'],
      ['otel.metric.overflow=true', '8'],
    ]);
    expect(metrics.seriesOverflow).toBe(2);
  });

  test('a full map is noticed', () => {
    const { metrics } = metricsOf([map({ keys: [name] })], { maxEntries: 2 });
    metrics.update('a', { a: 1 });
    expect(metrics.mapsFull).toBe(0);
    metrics.update('a', { a: 1, b: 1 });
    expect(metrics.mapsFull).toBe(1);
  });

  test('entries whose keys are others are left out, and counted; maps that are none of the metrics are passed over', () => {
    const { metrics, points } = metricsOf([map({ keys: [name, { name: 'n', type: 'integer' }] })]);
    metrics.update('a', { 'x,5': 1, x: 1, 'x,y': 1 });
    metrics.update('other', { x: 1 });
    expect(points()).toMatchObject([{ attributes: 'name=x,n=5' }]);
    expect(metrics.keysUnreadable).toBe(2);
  });
});

test('series end without a value', () => {
  const { metrics, points } = metricsOf([map({ keys: [name] }), map({ name: 'h', metric: 'my.h', kind: 'histogram' })]);
  metrics.update('a', { x: 1 });
  metrics.update('h', [{ min: 1, max: 1, count: 1 }]);
  expect(points(true)).toMatchObject([
    { flags: 1, asInt: undefined },
    { flags: 1, count: '0', bucketCounts: expect.arrayContaining(['0']) },
  ]);
});
