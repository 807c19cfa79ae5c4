import { expect, test } from '@jest/globals';
import { phaseSpans } from '../../../../agent/telemetry/spans/phase-spans.js';
import { statementSpan } from '../../../../agent/telemetry/spans/statement-span.js';
import { PHASES } from '../../../../agent/tracer.js';
import { statement } from '../events.js';

const event = statement({
  parseNs: 1000,
  executeNs: 2_000_000,
  phases: PHASES.map((phase, at) => ({ phase, startUnixNano: `17000000001234567${80 + at}`, ns: at + 1 })),
});

test('each phase is a child of the statement’s span, with exact begin and end', () => {
  const parent = statementSpan(event, { described: undefined, database: '', user: '', rawText: false, major: 18 });
  if (typeof parent === 'string') throw new Error(parent);
  const spans = phaseSpans(event, parent);
  expect(spans.map(({ name }) => name)).toEqual(['parse', 'analyze', 'bind', 'plan', 'execute', 'commit']);
  expect(spans[4]).toEqual({
    traceId: parent.traceId,
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    parentSpanId: parent.spanId,
    name: 'execute',
    kind: 1,
    startTimeUnixNano: '1700000000123456784',
    endTimeUnixNano: '1700000000123456789',
    attributes: [{ key: 'pgscope.phase', value: { stringValue: 'execute' } }],
    flags: 0x101,
  });
  expect(parent.attributes.filter(({ key }) => /^pgscope\.(parse|plan|execute)\.time$/.test(key))).toEqual([
    { key: 'pgscope.parse.time', value: { doubleValue: 0.000001 } },
    { key: 'pgscope.execute.time', value: { doubleValue: 0.002 } },
  ]);
  expect(phaseSpans(statement(), parent)).toEqual([]);
});
