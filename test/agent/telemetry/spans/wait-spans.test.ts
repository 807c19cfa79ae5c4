import { expect, test } from '@jest/globals';
import type { KeyValue, Span } from '../../../../agent/telemetry/otlp/model.js';
import { phaseSpans } from '../../../../agent/telemetry/spans/phase-spans.js';
import { statementSpan } from '../../../../agent/telemetry/spans/statement-span.js';
import { waitAttributes, waitSpans } from '../../../../agent/telemetry/spans/wait-spans.js';
import type { StatementEvent } from '../../../../agent/tracer/events.js';
import { statement } from '../events.js';

const SLEEP = 0x09000002;
const WAL_SYNC = 0x0a00004e;
const ROW_LOCK = 0x03050005;
const IDLE = 0x05000003;

function spansOf(event: StatementEvent): { parent: Span; phases: Span[]; children: Span[] } {
  const about = { described: undefined, database: '', user: '', rawText: false, major: 18 };
  const parent = statementSpan(event, about);
  if (typeof parent === 'string') throw new Error(parent);
  const phases = phaseSpans(event, parent);
  return { parent, phases, children: waitSpans(event, { statement: parent, phases, major: 18 }) };
}

const plain = (attributes: KeyValue[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test('the longest wait events of a statement, and the sum of all', () => {
  const waits = [
    { event: SLEEP, count: 2, waitNs: 20_000_000 },
    { event: WAL_SYNC, count: 1, waitNs: 1_234_000 },
    { event: IDLE, count: 1, waitNs: 9_000_000_000 },
    ...[1, 2, 3, 4].map((mode) => ({ event: (0x03000000 | (mode << 16)) >>> 0, count: 1, waitNs: mode })),
  ];
  const attributes = waitAttributes({ waits }, 18);
  expect(attributes.find(({ key }) => key === 'pgscope.wait.time')?.value).toEqual({ doubleValue: 0.02123401 });
  const listed = attributes.find(({ key }) => key === 'pgscope.waits')?.value;
  expect(listed).toMatchObject({
    arrayValue: {
      values: [
        { stringValue: 'Timeout:PgSleep 20.0 ms (2)' },
        { stringValue: expect.stringMatching(/^IO:\w+ 1\.234 ms \(1\)$/) },
        { stringValue: 'Lock:relation 0.000 ms (1)' },
        expect.anything(),
        expect.anything(),
      ],
    },
  });
});

test('a statement without waits has no attribute for them', () => {
  expect(waitAttributes({}, 18)).toEqual([]);
  expect(waitAttributes({ waits: [{ event: IDLE, count: 1, waitNs: 1 }] }, 18)).toEqual([]);
});

test('a long wait is a child of the statement’s span, with exact begin and end', () => {
  const longWaits = [{ event: SLEEP, startUnixNano: '1700000000123500000', waitNs: 1_000_001 }];
  const { parent, children } = spansOf(statement({ longWaits }));
  expect(children).toEqual([
    {
      traceId: parent.traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      parentSpanId: parent.spanId,
      name: 'Timeout:PgSleep',
      kind: 1,
      startTimeUnixNano: '1700000000123500000',
      endTimeUnixNano: '1700000000124500001',
      attributes: expect.anything(),
      flags: 0x101,
    },
  ]);
  expect(plain(children[0]?.attributes ?? [])).toEqual({
    'postgresql.wait_event_type': 'Timeout',
    'postgresql.wait_event': 'PgSleep',
  });
});

test('a long wait is a child of the phase in which all of it lies, and of the statement where there is none', () => {
  const phases = [
    { phase: 'plan' as const, startUnixNano: '1700000000123456789', ns: 1000 },
    { phase: 'execute' as const, startUnixNano: '1700000000123457789', ns: 5000 },
  ];
  const wait = (startUnixNano: string, waitNs: number) => ({ event: SLEEP, startUnixNano, waitNs });
  const longWaits = [
    wait('1700000000123456789', 1000),
    wait('1700000000123457789', 5000),
    wait('1700000000123457788', 2),
    wait('1700000000123460000', 5000),
  ];
  const { parent, phases: spans, children } = spansOf(statement({ phases, longWaits }));
  expect(children.map(({ parentSpanId }) => parentSpanId)).toEqual([
    spans[0]?.spanId,
    spans[1]?.spanId,
    parent.spanId,
    parent.spanId,
  ]);
});

test('the span of a wait for a lock names the lock, and who held it', () => {
  const blocker = {
    pid: 42,
    waiting: false,
    state: 'idle in transaction',
    application: 'psql',
    transactionStartUnixNano: '1700000000000000000',
    described: { summary: 'UPDATE orders', text: 'UPDATE orders SET a = $1' },
  };
  const lock = { mode: 5, fields: [772, 0, 0, 0], blockers: [blocker, { pid: 43, waiting: false, application: '' }] };
  const longWaits = [{ event: ROW_LOCK, startUnixNano: '1700000002500000000', waitNs: 5, lock }];
  const [span] = spansOf(statement({ longWaits })).children;
  expect(plain(span?.attributes ?? [])).toEqual({
    'postgresql.wait_event_type': 'Lock',
    'postgresql.wait_event': 'transactionid',
    'pgscope.lock.mode': 'ShareLock',
    'pgscope.lock.object': 'transaction 772',
    'pgscope.lock.blockers': '2',
    'pgscope.blocker.pid': '42',
    'pgscope.blocker.other_pids': { values: [{ intValue: '43' }] },
    'pgscope.blocker.role': 'holder',
    'pgscope.blocker.state': 'idle in transaction',
    'pgscope.blocker.application_name': 'psql',
    'pgscope.blocker.transaction.duration': 2.5,
    'pgscope.blocker.query.summary': 'UPDATE orders',
    'pgscope.blocker.query.text': 'UPDATE orders SET a = $1',
  });
});

test('a lock that was free again has no holder', () => {
  const lock = { mode: 8, fields: [5, 16391, 0, 0], blockers: [] };
  const longWaits = [{ event: 0x03080000, startUnixNano: '1700000002500000000', waitNs: 5, lock }];
  const [span] = spansOf(statement({ longWaits })).children;
  expect(plain(span?.attributes ?? [])).toMatchObject({
    'pgscope.lock.mode': 'AccessExclusiveLock',
    'pgscope.lock.object': 'relation 16391 in database 5',
    'pgscope.lock.blockers': '0',
  });
});
