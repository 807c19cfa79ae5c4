import { describe, expect, test } from '@jest/globals';
import { countOf } from '../../../../agent/cli/histogram.js';
import { gather } from '../../../../agent/cli/report/gather.js';
import { QueryStore } from '../../../../agent/cli/report/queries.js';
import { Clock } from '../../../../agent/cli/report/timeline.js';
import { durationMetric, fileOf, metricsLine, point, sumMetric, temporaryPath } from './lines.js';
import { recordShop, SHOP } from './shop.js';

const ORDERS = {
  'db.namespace': 'shop',
  'user.name': 'app',
  'db.query.summary': 'SELECT orders',
  'pgscope.query.fingerprint': 'f1',
};

describe('a recording', () => {
  test('made by the real telemetry is read as it happened', async () => {
    const path = await temporaryPath('shop.jsonl');
    await recordShop(path, { seconds: 60, losses: { recordsRingFull: 12 } });
    const recording = await gather(path);
    const of = (summary: string) => recording.queries.find((query) => query.summary === summary);
    expect(recording).toMatchObject({
      reading: { unreadable: 0, cutOff: false },
      writer: 'pgscope 0.1.0',
      losses: [{ stage: 'capture', reason: 'recordsRingFull', count: 12 }],
      overflowedPoints: 0,
    });
    expect(recording.servers.map(({ attributes }) => attributes['service.version'])).toEqual(['18.4']);
    expect(recording.toSeconds - SHOP.startSeconds).toBeCloseTo(60, 1);
    const products = of('SELECT products');
    expect(products?.counters).toMatchObject({ calls: 54_000, errors: 0, rows: 54_000, sharedHit: 216_000 });
    expect(products?.text).toBe('SELECT id, name, price, stock FROM products WHERE id = $1');
    expect(products === undefined ? 0 : countOf(products.latency)).toBe(54_000);
    expect(of('UPDATE products')?.counters.walBytes).toBe(60 * 60 * 320);
    expect(recording.waterfalls[0]?.slow.name).toBe('SELECT order_items products');
    expect(recording.failures.reduce((sum, { count }) => sum + count, 0)).toBe(recording.failedSpans);
  });

  test('over a restart of its producer adds up, and its bins hold all of it', async () => {
    const line = (start: number, time: number, count: number) =>
      metricsLine([
        durationMetric(ORDERS, { start, time, counts: [count], sum: count / 1000 }),
        sumMetric('postgresql.query.calls', [{ attributes: ORDERS, start, time, value: count }]),
      ]);
    const recording = await gather(await fileOf([line(100, 110, 4), line(100, 120, 10), line(130, 140, 3)]));
    const [query] = recording.queries;
    expect(query?.counters.calls).toBe(13);
    expect(query?.durationSeconds).toBeCloseTo(0.013);
    expect([recording.fromSeconds, recording.toSeconds]).toEqual([100, 140]);
    const binned = recording.clock.bins.reduce((sum, bin) => sum + (query?.timeline.at(bin)?.[0] ?? 0), 0);
    expect(binned).toBeCloseTo(0.013);
  });

  test('the overflow series and queries beyond the limit are one row without a name of its own', () => {
    const store = new QueryStore(new Clock(), 2);
    const fingerprints = ['f1', 'f2', 'f3', 'f4'];
    for (const fingerprint of fingerprints)
      store.add(point({ value: 5, attributes: { 'pgscope.query.fingerprint': fingerprint } }));
    expect(store.queries().map(({ summary, counters }) => [summary, counters.calls])).toEqual([
      ['unnamed query', 5],
      ['unnamed query', 5],
      ['all other queries', 10],
    ]);
    const overflow = new QueryStore(new Clock());
    overflow.add(point({ value: 5, attributes: { 'otel.metric.overflow': true } }));
    expect(overflow.queries()[0]).toMatchObject({ summary: 'all other queries', fingerprint: '', database: '' });
  });

  test('without anything about PostgreSQL is empty, not an error', async () => {
    const recording = await gather(
      await fileOf([metricsLine([sumMetric('http.requests', [{ time: 5, value: 1 }])], {})]),
    );
    expect(recording).toMatchObject({ servers: [], queries: [], waterfalls: [], fromSeconds: 0, toSeconds: 0 });
  });
});
