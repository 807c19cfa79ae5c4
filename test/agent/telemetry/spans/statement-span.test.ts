import { describe, expect, test } from '@jest/globals';
import type { Span } from '../../../../agent/telemetry/otlp/model.js';
import { type StatementContext, statementSpan } from '../../../../agent/telemetry/spans/statement-span.js';
import type { StatementEvent } from '../../../../agent/tracer/events.js';
import { SPAN_ID, statement, TRACE_ID, TRACEPARENT, UNSAMPLED } from '../events.js';

const context: StatementContext = {
  described: { summary: 'SELECT orders', text: 'SELECT * FROM orders WHERE id = $1' },
  database: 'shop',
  user: 'app',
  rawText: false,
  major: 18,
};

function spanOf(event: Partial<StatementEvent>, about: Partial<StatementContext> = {}): Span {
  const span = statementSpan(statement(event), { ...context, ...about });
  if (typeof span === 'string') throw new Error(`no span: ${span}`);
  return span;
}

function attributesOf(span: Span): Record<string, unknown> {
  return Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

const upstream = (value: string, stale = false) => ({
  traceContext: { source: 'sqlcomment', value: `='${value}'`, stale } as const,
});

describe('a span', () => {
  test('has name, kind and the times of the server, to the nanosecond', () => {
    expect(spanOf({})).toMatchObject({
      name: 'SELECT orders',
      kind: 2,
      startTimeUnixNano: '1700000000123456789',
      endTimeUnixNano: '1700000000124956789',
    });
    expect(spanOf({})).not.toHaveProperty('status');
  });

  test('says who, where and what', () => {
    const attributes = attributesOf(
      spanOf({
        application: 'psql',
        clientAddress: '10.0.0.7',
        clientPort: 51234,
        rows: 3,
        cpuNs: 1_000_000_000,
        sharedBlocksHit: 12,
        walBytes: 512,
      }),
    );
    expect(attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'user.name': 'app',
      'db.query.summary': 'SELECT orders',
      'db.query.text': 'SELECT * FROM orders WHERE id = $1',
      'postgresql.pid': '4711',
      'postgresql.query_id': '-1234567890123456789',
      'postgresql.application_name': 'psql',
      'postgresql.rows': '3',
      'postgresql.shared_blks_hit': '12',
      'db.response.returned_rows': '3',
      'client.address': '10.0.0.7',
      'network.peer.address': '10.0.0.7',
      'network.peer.port': '51234',
      'pgscope.capture.reason': 'slow',
      'pgscope.query.fingerprint': '00c0ffee00c0ffee',
      'pgscope.command_tag': 'SELECT',
      'pgscope.cpu.time': 1,
      'pgscope.wal.size': '512',
    });
  });

  test('leaves out what is 0 or not known', () => {
    const span = spanOf({ queryId: '0', tag: 'INSERT', rows: 0 }, { described: undefined, database: '', user: '' });
    expect(span.name).toBe('INSERT');
    expect(Object.keys(attributesOf(span)).sort()).toEqual([
      'db.system.name',
      'pgscope.capture.reason',
      'pgscope.command_tag',
      'pgscope.query.fingerprint',
      'postgresql.pid',
    ]);
    expect(spanOf({ tag: '' }, { described: undefined }).name).toBe('postgresql');
  });

  test('says that a SELECT returned no row', () => {
    expect(attributesOf(spanOf({}))['db.response.returned_rows']).toBe('0');
    expect(attributesOf(spanOf({ tag: 'UPDATE', rows: 4 }))).not.toHaveProperty('db.response.returned_rows');
  });

  test('a time is a double even if it is whole', () => {
    const [cpu] = spanOf({ cpuNs: 2_000_000_000 }).attributes.filter(({ key }) => key === 'pgscope.cpu.time');
    expect(cpu?.value).toEqual({ doubleValue: 2 });
  });

  test('shows the own text of a statement only where that is allowed, within the limit', () => {
    const own = { text: "SELECT * FROM orders WHERE id = 'secret'" };
    expect(attributesOf(spanOf(own))['db.query.text']).toBe(context.described?.text);
    expect(attributesOf(spanOf(own, { rawText: true }))['db.query.text']).toBe(own.text);
    const long = attributesOf(spanOf({ text: `${'x'.repeat(16_383)}😀` }, { rawText: true }));
    expect(long['pgscope.query.text_truncated']).toBe(true);
    expect(long['db.query.text']).toBe(`${'x'.repeat(16_383)}\ufffd`);
  });
});

describe('a failed statement', () => {
  test('has its SQLSTATE and the name of the condition, never a message', () => {
    const span = spanOf({ reason: 'failed', sqlstate: '23505', tag: '' });
    expect(span.status).toEqual({ code: 2, message: '23505 unique violation' });
    expect(attributesOf(span)).toMatchObject({ 'error.type': '23505', 'db.response.status_code': '23505' });
  });

  test.each([
    ['23001', '23001 integrity constraint violation'],
    ['ZZ999', 'ZZ999'],
  ])('%s is described as far as it is known', (sqlstate, message) => {
    expect(spanOf({ reason: 'failed', sqlstate }).status?.message).toBe(message);
  });

  test('a signal ended the backend', () => {
    const span = spanOf({ reason: 'failed', signal: 'SIGKILL', tag: '' });
    expect(span.status).toEqual({ code: 2, message: 'backend ended by SIGKILL' });
    expect(attributesOf(span)).toMatchObject({ 'error.type': 'SIGKILL', 'pgscope.signal': 'SIGKILL' });
    expect(attributesOf(span)).not.toHaveProperty('db.response.status_code');
  });
});

describe('the place in a trace', () => {
  test('without a context: the root of its own', () => {
    const spans = [spanOf({}), spanOf({})];
    for (const span of spans) {
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(span).not.toHaveProperty('parentSpanId');
      expect(span).not.toHaveProperty('links');
    }
    expect(spans[0]?.traceId).not.toBe(spans[1]?.traceId);
  });

  test.each(['traced', 'slow', 'failed', 'sampled'] as const)(
    'fresh and sampled (%s): a child of the client',
    (reason) => {
      expect(spanOf({ reason, ...upstream(TRACEPARENT) })).toMatchObject({
        traceId: TRACE_ID,
        parentSpanId: SPAN_ID,
        flags: 0x301,
      });
    },
  );

  test.each(['slow', 'failed', 'sampled'] as const)('not sampled (%s): a root with a link', (reason) => {
    const span = spanOf({ reason, ...upstream(UNSAMPLED) });
    expect(span.traceId).not.toBe(TRACE_ID);
    expect(span).not.toHaveProperty('parentSpanId');
    expect(span.links).toMatchObject([
      { traceId: TRACE_ID, spanId: SPAN_ID, flags: 0x300, attributes: [{ value: { stringValue: 'unsampled' } }] },
    ]);
  });

  test.each([false, true])('not sampled, captured for the context alone (stale: %s): no span', (stale) => {
    expect(statementSpan(statement({ reason: 'traced', ...upstream(UNSAMPLED, stale) }), context)).toBe('unsampled');
  });

  test.each(['traced', 'slow'] as const)('stale (%s): a root with a link', (reason) => {
    const span = spanOf({ reason, ...upstream(TRACEPARENT, true) });
    expect(span.traceId).not.toBe(TRACE_ID);
    expect(span.links).toMatchObject([
      { traceId: TRACE_ID, spanId: SPAN_ID, flags: 0x301, attributes: [{ value: { stringValue: 'stale' } }] },
    ]);
  });

  test('no valid context: no span for the context alone, a root otherwise', () => {
    expect(statementSpan(statement({ reason: 'traced', ...upstream('nonsense') }), context)).toBe('invalid');
    expect(spanOf({ reason: 'slow', ...upstream('nonsense') })).not.toHaveProperty('links');
  });

  test('an application name that is a trace context is no attribute', () => {
    const traceContext = { source: 'application_name', value: TRACEPARENT, stale: false } as const;
    const span = spanOf({ application: TRACEPARENT, traceContext });
    expect(span).toMatchObject({ traceId: TRACE_ID, parentSpanId: SPAN_ID });
    expect(attributesOf(span)).not.toHaveProperty('postgresql.application_name');
  });
});
