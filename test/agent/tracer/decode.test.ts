import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeEvent } from '../../../agent/tracer/decode.js';

const aggregate = {
  type: 'aggregate',
  target: 'a',
  fingerprint: '00000000000000ab',
  databaseOid: 5,
  userOid: 10,
  calls: 2,
  errors: 0,
  durationNs: 100,
  durations: { scale: 3, offset: -90, counts: [1, 0, 1] },
};
const statement = {
  type: 'statement',
  target: 'a',
  fingerprint: '00000000000000ab',
  reason: 'slow',
  pid: 7,
  databaseOid: 5,
  userOid: 10,
  queryId: '-12',
  startUnixNano: '1790000000000000000',
  durationNs: 5,
  tag: 'SELECT',
  application: 'shop',
  traceContext: { source: 'sqlcomment', value: "='00-…'", stale: false },
};

const nested = {
  fingerprint: '00000000000000cd',
  depth: 1,
  calls: 3,
  startUnixNano: '1790000000000000001',
  spanNs: 9,
  durationNs: 4,
};
const phased = {
  ...statement,
  parseNs: 1,
  executeNs: 4,
  phases: [
    { phase: 'parse', startUnixNano: '1790000000000000000', ns: 1 },
    { phase: 'execute', startUnixNano: '1790000000000000001', ns: 4 },
  ],
  nested: [nested, { ...nested, depth: 2, parent: 0 }],
  nestedUntold: 2,
};

const lock = {
  type: 'lock',
  target: 'a',
  pid: 7,
  event: 0x03050004,
  sinceUnixNano: '1790000000000000000',
  databaseOid: 5,
  userOid: 10,
  state: 'active',
  application: 'shop',
  text: 'SELECT 1',
  lock: { mode: 5, fields: [1, 0, 0, 0], blockers: [{ waiting: false, pid: 8, application: '', text: '' }] },
};

const io = {
  type: 'io',
  target: 'a',
  backendType: 'client backend',
  operation: 'read',
  event: 0x0a000014,
  calls: 2,
  bytes: 16384,
  durationNs: 50000,
  durations: { scale: 2, offset: -63, counts: [2] },
};

describe('events that are well formed', () => {
  test.each([
    aggregate,
    io,
    statement,
    phased,
    { ...aggregate, planNs: 7, commitNs: 8 },
    lock,
    { type: 'detached', target: 'a', reason: 'Exited' },
    { type: 'query', target: 'a', fingerprint: 'ffffffffffffffff', text: 'SELECT 1', truncated: false },
  ])('$type is taken as it is', (event) => {
    expect(decodeEvent(JSON.stringify(event))).toEqual(event);
  });
});

describe('lines that are none', () => {
  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it is not a JSON object'],
    ['{"type":"constructor"}', 'its type constructor is unknown'],
    ['{"type":"detached","target":7,"reason":"Exited"}', 'its detached event has a bad field target'],
    [JSON.stringify({ ...lock, sinceUnixNano: '-1' }), 'its lock event has a bad field sinceUnixNano'],
    [
      JSON.stringify({ ...lock, lock: { mode: 5, fields: ['1'], blockers: [] } }),
      'its lock event has a bad field lock',
    ],
    [
      JSON.stringify({ ...lock, lock: { ...lock.lock, blockers: [{ transactionStartUnixNano: 1 }] } }),
      'its lock event has a bad field lock',
    ],
    [JSON.stringify({ ...io, durations: undefined }), 'its io event has a bad field durations'],
    [
      JSON.stringify({ ...io, durations: { scale: 2, offset: 0, counts: '1' } }),
      'its io event has a bad field durations',
    ],
    [JSON.stringify({ ...io, errors: -1 }), 'its io event has a bad field errors'],
    [JSON.stringify({ ...io, operation: 7 }), 'its io event has a bad field operation'],
    [JSON.stringify({ ...aggregate, calls: -1 }), 'its aggregate event has a bad field calls'],
    [JSON.stringify({ ...aggregate, walBytes: '12' }), 'its aggregate event has a bad field walBytes'],
    [
      JSON.stringify({ ...aggregate, durations: { scale: 3, offset: 0, counts: ['1'] } }),
      'its aggregate event has a bad field durations',
    ],
    [JSON.stringify({ ...statement, startUnixNano: 1.5 }), 'its statement event has a bad field startUnixNano'],
    [JSON.stringify({ ...aggregate, planNs: -1 }), 'its aggregate event has a bad field planNs'],
    ...[
      [{ phase: 'lunch', startUnixNano: '1', ns: 1 }],
      [{ phase: 'parse', startUnixNano: 1, ns: 1 }],
      [{ phase: 'parse', startUnixNano: '1', ns: -1 }],
      [phased.phases[0], phased.phases[0]],
      ['parse'],
    ].map((phases) => [JSON.stringify({ ...phased, phases }), 'its statement event has a bad field phases'] as const),
    ...[
      [{ ...nested, parent: 0 }],
      [nested, { ...nested, parent: -1 }],
      [nested, { ...nested, parent: 0.5 }],
      [{ ...nested, fingerprint: 'x' }],
      [{ ...nested, calls: '3' }],
      [{ ...nested, startUnixNano: 1 }],
      Array(17).fill(nested),
      [null],
    ].map(
      (list) => [JSON.stringify({ ...phased, nested: list }), 'its statement event has a bad field nested'] as const,
    ),
    [JSON.stringify({ ...phased, nestedUntold: 'x' }), 'its statement event has a bad field nestedUntold'],
    [JSON.stringify({ ...statement, application: 1 }), 'its statement event has a bad field application'],
  ])('%s', (line, problem) => {
    expect(decodeEvent(line)).toBe(problem);
  });

  test('what comes out has the fields that the agent relies on, whatever the values are', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.bigInt().map(String),
      fc.constantFrom(0, 1, -1, '', 'ab', null),
    );
    const event = fc.constantFrom<object>(aggregate, statement).chain((good) =>
      fc.record({
        good: fc.constant(good),
        name: fc.oneof(fc.constantFrom(...Object.keys(good), 'constructor', '__proto__'), fc.string()),
        value,
      }),
    );
    fc.assert(
      fc.property(event, ({ good, name, value: put }) => {
        const decoded = decodeEvent(JSON.stringify({ ...good, [name]: put }));
        if (typeof decoded === 'string') {
          expect(decoded).toMatch(/^its .+ (has a bad field .*|is unknown)$/s);
          return;
        }
        const { type, target, fingerprint, reason, queryId, startUnixNano, tag, application, ...rest } =
          decoded as unknown as Record<string, unknown>;
        expect(['aggregate', 'statement']).toContain(type);
        expect(typeof target).toBe('string');
        expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
        for (const text of [reason, queryId, tag, application]) expect(['string', 'undefined']).toContain(typeof text);
        if (startUnixNano !== undefined) expect(() => BigInt(startUnixNano as string)).not.toThrow();
        const { durations, traceContext, clientAddress, sqlstate, signal, text, textTruncated, ...counters } = rest;
        for (const [counter, count] of Object.entries(counters))
          expect([counter, Number(count) >= 0]).toEqual([counter, true]);
      }),
      { numRuns: 2000 },
    );
  });

  test('a good line that is cut off or has a changed byte is an event or a sentence, never an error', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<object>(aggregate, statement),
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        (event, at, byte, cuts) => {
          const bytes = Buffer.from(JSON.stringify(event));
          const index = at % bytes.length;
          if (!cuts) bytes[index] = byte;
          const line = bytes.subarray(0, cuts ? index : undefined).toString();
          const decoded = decodeEvent(line);
          if (cuts) expect(decoded).toBe('it is not JSON');
          else expect(typeof decoded === 'string' || typeof decoded.type === 'string').toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('never throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof decodeEvent(line) === 'string'));
  });
});
