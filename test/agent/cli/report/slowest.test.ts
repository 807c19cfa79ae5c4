import { describe, expect, test } from '@jest/globals';
import { Failures } from '../../../../agent/cli/report/failures.js';
import { durationNs, MAX_SPANS, MAX_WATERFALLS, Slowest, Traces } from '../../../../agent/cli/report/slowest.js';
import { span } from './lines.js';

function statement(fingerprint: string, ms: number, traceId = `${fingerprint}-${ms}`) {
  return span({
    traceId,
    spanId: traceId,
    endNs: BigInt(ms) * 1_000_000n,
    attributes: { 'pgscope.query.fingerprint': fingerprint },
  });
}

describe('the slowest statements', () => {
  test('slowest first, at most three of one query', () => {
    const slowest = new Slowest();
    for (const ms of [5, 50, 20, 40, 10]) slowest.add(statement('often', ms));
    slowest.add(statement('rarely', 7));
    expect(slowest.statements().map(({ traceId }) => traceId)).toEqual([
      'often-50',
      'often-40',
      'often-20',
      'rarely-7',
    ]);
  });

  test('one of each trace, and no more than a page holds', () => {
    const slowest = new Slowest();
    slowest.add(statement('first', 900, 'shared'));
    slowest.add(statement('second', 800, 'shared'));
    for (let index = 0; index < 2000; index++) slowest.add(statement(`q${index}`, index));
    const found = slowest.statements();
    expect(found).toHaveLength(MAX_WATERFALLS);
    expect(durationNs(found[0] ?? span({}))).toBe(1_999_000_000);
    expect(found.filter(({ traceId }) => traceId === 'shared').length).toBeLessThanOrEqual(1);
  });

  test('parts of statements are none', () => {
    const slowest = new Slowest();
    slowest.add(span({ kind: 1 }));
    expect(slowest.statements()).toEqual([]);
  });

  test('requests of a service that uses the server are none', () => {
    const slowest = new Slowest();
    const resource = { key: 'shop', attributes: { 'service.name': 'shop' } };
    slowest.add(span({ resource, name: 'POST /order' }));
    expect(slowest.statements()).toEqual([]);
  });
});

describe('the trace around a statement', () => {
  test('has its spans in order of time, others are left out', () => {
    const slow = statement('slow', 50, 'trace');
    const traces = new Traces([slow]);
    const child = span({ traceId: 'trace', spanId: 'child', parentSpanId: 'trace', kind: 1, startNs: 10n });
    const before = span({ traceId: 'trace', spanId: 'before', startNs: -10n });
    for (const each of [child, slow, statement('other', 3), before]) traces.add(each);
    const [waterfall] = traces.waterfalls();
    expect(waterfall?.spans.map(({ spanId }) => spanId)).toEqual(['before', 'trace', 'child']);
    expect(waterfall?.hidden).toBe(0);
  });

  test('is cut to the spans nearest in time; the statement and its children stay', () => {
    const slow = statement('slow', 50, 'trace');
    const traces = new Traces([slow]);
    traces.add(span({ traceId: 'trace', spanId: 'child', parentSpanId: 'trace', startNs: 10n ** 12n }));
    for (let index = 1; index <= 100; index++)
      traces.add(span({ traceId: 'trace', spanId: `s${index}`, startNs: BigInt(index) * 1000n }));
    traces.add(slow);
    const [waterfall] = traces.waterfalls();
    expect(waterfall?.spans).toHaveLength(MAX_SPANS);
    expect(waterfall?.hidden).toBe(102 - MAX_SPANS);
    expect(waterfall?.spans.map(({ spanId }) => spanId)).toEqual(expect.arrayContaining(['trace', 'child', 's1']));
  });
});

describe('the parts of statements in a trace', () => {
  const part = (spanId: string, parentSpanId: string, startNs: bigint) =>
    span({ traceId: 'trace', spanId, parentSpanId, kind: 1, startNs });
  const other = (spanId: string, startNs: bigint) => span({ traceId: 'trace', spanId, startNs });
  const own = [
    part('execute', 'trace', 10n ** 12n),
    part('nested', 'execute', 10n ** 12n + 1n),
    part('deep', 'nested', 10n ** 12n + 2n),
    part('wait', 'execute', 10n ** 12n + 3n),
  ];
  const others = Array.from({ length: 5 }, (_, index) => other(`s${index}`, BigInt(index + 1) * 1000n));
  const theirs = (parts: number) =>
    others.flatMap(({ spanId, startNs }) => [
      part(`${spanId} execute`, spanId, startNs),
      ...Array.from({ length: parts }, (_, index) => part(`${spanId} wait ${index}`, `${spanId} execute`, startNs)),
    ]);
  const shown = (spans: ReturnType<typeof span>[]) => {
    const slow = statement('slow', 50, 'trace');
    const traces = new Traces([slow]);
    for (const each of [slow, ...spans]) traces.add(each);
    const [waterfall] = traces.waterfalls();
    return { ids: new Set(waterfall?.spans.map(({ spanId }) => spanId)), hidden: waterfall?.hidden };
  };

  test('are all shown where there is room', () => {
    expect(shown([...own, ...others, ...theirs(1)])).toMatchObject({ hidden: 0 });
  });

  test('of the slow statement stay at any depth; those of others go before the others, none without what it is below', () => {
    const given = [...own, ...theirs(20), ...others];
    const { ids, hidden } = shown(given);
    for (const { spanId } of [...own, ...others]) expect(ids).toContain(spanId);
    for (const { spanId, parentSpanId } of theirs(20)) if (ids.has(spanId)) expect(ids).toContain(parentSpanId);
    expect(ids.size + (hidden ?? 0)).toBe(given.length + 1);
    expect(ids.size).toBeLessThanOrEqual(MAX_SPANS);
  });
});

describe('failures', () => {
  test('by SQLSTATE, most frequent first, with their queries', () => {
    const failures = new Failures();
    const failed = (code: string, name: string, endNs: bigint) =>
      span({ failed: true, name, endNs, attributes: { 'db.response.status_code': code } });
    for (const each of [
      failed('40P01', 'UPDATE a', 5n),
      failed('23505', 'INSERT b', 9n),
      failed('23505', 'INSERT c', 3n),
      failed('23505', 'INSERT b', 1n),
    ])
      failures.add(each);
    failures.add(span({}));
    failures.add(span({ failed: true, attributes: { 'error.type': 'SIGKILL' } }));
    expect(failures.list()).toEqual([
      {
        code: '23505',
        count: 3,
        lastNs: 9n,
        queries: [
          ['INSERT b', 2],
          ['INSERT c', 1],
        ],
      },
      { code: '40P01', count: 1, lastNs: 5n, queries: [['UPDATE a', 1]] },
      { code: 'SIGKILL', count: 1, lastNs: 1_000_000n, queries: [['SELECT orders', 1]] },
    ]);
  });

  test('of any number of codes are kept within bounds', () => {
    const failures = new Failures();
    for (let index = 0; index < 1000; index++)
      failures.add(span({ failed: true, attributes: { 'db.response.status_code': `A${index}` } }));
    expect(failures.list().length).toBeLessThanOrEqual(301);
    expect(failures.list()[0]).toMatchObject({ code: 'others', count: 700 });
  });
});
