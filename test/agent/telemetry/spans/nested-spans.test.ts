import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DescribedQuery } from '../../../../agent/queries.js';
import type { Span } from '../../../../agent/telemetry/otlp/model.js';
import { nestedSpans } from '../../../../agent/telemetry/spans/nested-spans.js';
import { phaseSpans } from '../../../../agent/telemetry/spans/phase-spans.js';
import { statementSpan } from '../../../../agent/telemetry/spans/statement-span.js';
import type { NestedStatement, PhaseTime } from '../../../../agent/tracer/events.js';
import { statement } from '../events.js';

const START = 1_700_000_000_123_456_789n;
const at = (ns: number) => String(START + BigInt(ns));

const phases: PhaseTime[] = [
  { phase: 'plan', startUnixNano: at(0), ns: 1000 },
  { phase: 'execute', startUnixNano: at(1000), ns: 9000 },
  { phase: 'commit', startUnixNano: at(10_000), ns: 500 },
];
const described: Record<string, DescribedQuery> = {
  a: { summary: 'INSERT audit', text: 'INSERT INTO audit VALUES ($1)' },
  b: { summary: 'SELECT limits', text: undefined },
};

function nested(given: Partial<NestedStatement> = {}): NestedStatement {
  return {
    fingerprint: 'a',
    depth: 1,
    calls: 1,
    startUnixNano: at(2000),
    spanNs: 100,
    durationNs: 100,
    ...given,
  };
}

function spansOf(list: NestedStatement[], given: { phases?: PhaseTime[] } = { phases }) {
  const event = statement({ nested: list, ...given });
  const parent = statementSpan(event, { described: undefined, database: '', user: '', rawText: false, major: 18 });
  if (typeof parent === 'string') throw new Error(parent);
  const above = phaseSpans(event, parent);
  const describe = (fingerprint: string) => described[fingerprint];
  return {
    statement: parent,
    phases: above,
    spans: nestedSpans(event, { statement: parent, phases: above, describe }),
  };
}

const attributesOf = (span: Span | undefined) =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

describe('a nested statement', () => {
  test('is a span with its query and exact times', () => {
    const { statement, phases, spans } = spansOf([nested()]);
    expect(spans).toMatchObject([
      {
        traceId: statement.traceId,
        parentSpanId: phases[1]?.spanId,
        name: 'INSERT audit',
        kind: 1,
        startTimeUnixNano: at(2000),
        endTimeUnixNano: at(2100),
      },
    ]);
    expect(attributesOf(spans[0])).toEqual({
      'db.query.summary': 'INSERT audit',
      'db.query.text': 'INSERT INTO audit VALUES ($1)',
      'pgscope.query.fingerprint': 'a',
      'pgscope.nested.depth': '1',
      'pgscope.nested.calls': '1',
    });
  });

  test('that ran several times says how often, and for how long in all', () => {
    const { spans } = spansOf([nested({ calls: 3, spanNs: 5000, durationNs: 2_000_000_000 })]);
    expect(attributesOf(spans[0])).toMatchObject({ 'pgscope.nested.calls': '3', 'pgscope.nested.time': 2 });
    expect(spans[0]?.endTimeUnixNano).toBe(at(7000));
  });

  test('whose text may not be shown has its summary alone, and one that is not known neither', () => {
    const { spans } = spansOf([nested({ fingerprint: 'b' }), nested({ fingerprint: '0000000000000001' })]);
    expect(attributesOf(spans[0])).not.toHaveProperty('db.query.text');
    expect(spans.map(({ name }) => name)).toEqual(['SELECT limits', '(unknown)']);
    expect(Object.keys(attributesOf(spans[1])).sort()).toEqual([
      'pgscope.nested.calls',
      'pgscope.nested.depth',
      'pgscope.query.fingerprint',
    ]);
  });

  test('stands below the phase in which it ran, or the one that ran it, or the statement', () => {
    const list = [
      nested({ startUnixNano: at(100) }),
      nested({ startUnixNano: at(10_100) }),
      nested({ startUnixNano: at(9950) }),
      nested({ parent: 1, depth: 2 }),
    ];
    const { phases, spans } = spansOf(list);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([
      phases[0]?.spanId,
      phases[2]?.spanId,
      phases[1]?.spanId,
      spans[1]?.spanId,
    ]);
    const without = spansOf([nested()], {});
    expect(without.spans[0]?.parentSpanId).toBe(without.statement.spanId);
  });
});

test('how many have no span is told on the statement', () => {
  const about = { described: undefined, database: '', user: '', rawText: false, major: 18 };
  const told = (nestedUntold: number) => statementSpan(statement({ nestedUntold }), about) as Span;
  expect(attributesOf(told(7))['pgscope.nested.untold']).toBe('7');
  expect(attributesOf(told(0))).not.toHaveProperty('pgscope.nested.untold');
});

test('whatever is nested how, every span has a parent that stands before it', () => {
  const list = fc
    .array(fc.record({ up: fc.nat(16), startNs: fc.nat(20_000), spanNs: fc.nat(20_000) }), { maxLength: 16 })
    .map((each) =>
      each.map(({ up, startNs, spanNs }, index) =>
        nested({ startUnixNano: at(startNs), spanNs, ...(index - up > 0 ? { parent: index - up - 1 } : {}) }),
      ),
    );
  fc.assert(
    fc.property(list, (each) => {
      const { statement, phases, spans } = spansOf(each);
      const known = new Set([statement, ...phases].map(({ spanId }) => spanId));
      expect(spans).toHaveLength(each.length);
      for (const { spanId, parentSpanId = '' } of spans) {
        expect(known.has(parentSpanId)).toBe(true);
        known.add(spanId);
      }
    }),
  );
});
