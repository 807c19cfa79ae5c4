import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeSpans, type SpanSettings } from '../../../agent/node/merge.js';
import { createShare } from '../../../agent/node/share.js';
import type { StatementEvent } from '../../../agent/tracer.js';

const settings = (change: Partial<SpanSettings> = {}): SpanSettings => ({
  minDurationNs: 100,
  minWaitNs: 0,
  nestedDepth: 1,
  errors: true,
  sampleRatio: 0,
  traceContext: ['sqlcomment', 'application_name'],
  maxPerSecond: 100,
  ...change,
});
const event = (change: Partial<StatementEvent> = {}): StatementEvent => ({
  type: 'statement',
  target: 't',
  fingerprint: '00000000000000ab',
  reason: 'slow',
  pid: 1,
  databaseOid: 1,
  userOid: 1,
  queryId: '0',
  startUnixNano: '1',
  durationNs: 50,
  tag: 'SELECT',
  ...change,
});
const traceContext = { source: 'sqlcomment', value: '=x', stale: false } as const;

function take(asked: Partial<SpanSettings>, one: Partial<StatementEvent>, { other = {}, random = 0.5 } = {}) {
  const own = settings(asked);
  const share = createShare({
    asked: own,
    together: mergeSpans(own, settings({ minDurationNs: 0, ...other })),
    onLimited: () => {},
    random: () => random,
    now: () => 0,
  });
  return share.take(event(one));
}

describe("a stream's share of the records", () => {
  test('are its own slow ones', () => {
    expect(take({}, { durationNs: 99 })).toBeUndefined();
    expect(take({}, { durationNs: 100 })?.reason).toBe('slow');
  });

  test('are failed ones only where it asks for them', () => {
    expect(take({}, { reason: 'failed' })?.reason).toBe('failed');
    expect(take({ errors: false }, { reason: 'failed', durationNs: 1000 })).toBeUndefined();
  });

  test('are those with a trace context from where it looks for one; elsewhere the context is not shown', () => {
    expect(take({}, { traceContext })).toEqual(event({ reason: 'traced', traceContext }));
    expect(take({ traceContext: ['application_name'] }, { traceContext })).toBeUndefined();
    const slow = take({ traceContext: [] }, { traceContext, durationNs: 100 });
    expect(slow).toEqual(event({ durationNs: 100 }));
  });

  test('are a sample of all others, also of those that the tracer had drawn for a larger sample', () => {
    expect(take({ sampleRatio: 0.6 }, {})?.reason).toBe('sampled');
    expect(take({ sampleRatio: 0.4 }, {})).toBeUndefined();
    const drawn = { reason: 'sampled' } as const;
    expect(take({ sampleRatio: 0.3 }, drawn, { other: { sampleRatio: 0.5 } })?.reason).toBe('sampled');
    expect(take({ sampleRatio: 0.2 }, drawn, { other: { sampleRatio: 0.5 } })).toBeUndefined();
  });

  test('are all records where nobody else asks for more', () => {
    const asked = settings({ sampleRatio: 0.01 });
    const share = createShare({ asked, together: asked, onLimited: () => {}, random: () => 0.999 });
    const records = fc.oneof(
      fc.record({ reason: fc.constant('failed' as const), durationNs: fc.nat() }),
      fc.record({ reason: fc.constant('slow' as const), durationNs: fc.integer({ min: 100, max: 1e9 }) }),
      fc.record({
        reason: fc.constant('traced' as const),
        durationNs: fc.nat(99),
        traceContext: fc.constant(traceContext),
      }),
      fc.record({ reason: fc.constant('sampled' as const), durationNs: fc.nat(99) }),
    );
    fc.assert(fc.property(records, (one) => expect(share.take(event(one))).toEqual(event(one))));
  });

  test('are not more in a second than it asks for; those above are told', () => {
    let clockMs = 0;
    let limited = 0;
    const asked = settings({ maxPerSecond: 10 });
    const together = mergeSpans(asked, settings({ maxPerSecond: 1000 }));
    const share = createShare({ asked, together, onLimited: () => limited++, now: () => clockMs });
    let taken = 0;
    for (; clockMs < 10_000; clockMs += 10) if (share.take(event({ reason: 'failed' })) !== undefined) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(taken).toBeLessThanOrEqual(110);
    expect(taken + limited).toBe(1000);
  });

  test('have the nested statements down to the depth that it asks for, each below its own parent', () => {
    const nested = (fingerprint: string, depth: number, parent?: number) => ({
      fingerprint,
      depth,
      ...(parent === undefined ? {} : { parent }),
      calls: 1,
      startUnixNano: '1',
      spanNs: 1,
      durationNs: 1,
    });
    const told = [nested('a', 1), nested('b', 2, 0), nested('c', 1), nested('d', 3, 1), nested('e', 2, 2)];
    const taken = (nestedDepth: number) => take({ nestedDepth }, { durationNs: 100, nested: told, nestedUntold: 3 });
    expect(taken(8)).toMatchObject({ nested: told, nestedUntold: 3 });
    expect(taken(1)?.nested).toEqual([nested('a', 1), nested('c', 1)]);
    expect(taken(2)?.nested).toEqual([nested('a', 1), nested('b', 2, 0), nested('c', 1), nested('e', 2, 2)]);
    expect(taken(0)).toEqual(event({ durationNs: 100 }));
  });

  test('are none at all with maxPerSecond: 0', () => {
    expect(take({ maxPerSecond: 0 }, { reason: 'failed' })).toBeUndefined();
  });
});
