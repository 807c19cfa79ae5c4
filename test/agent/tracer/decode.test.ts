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

describe('events that are well formed', () => {
  test.each([
    aggregate,
    statement,
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
    [JSON.stringify({ ...aggregate, calls: -1 }), 'its aggregate event has a bad field calls'],
    [JSON.stringify({ ...aggregate, walBytes: '12' }), 'its aggregate event has a bad field walBytes'],
    [
      JSON.stringify({ ...aggregate, durations: { scale: 3, offset: 0, counts: ['1'] } }),
      'its aggregate event has a bad field durations',
    ],
    [JSON.stringify({ ...statement, startUnixNano: 1.5 }), 'its statement event has a bad field startUnixNano'],
    [JSON.stringify({ ...statement, application: 1 }), 'its statement event has a bad field application'],
  ])('%s', (line, problem) => {
    expect(decodeEvent(line)).toBe(problem);
  });

  test('never throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof decodeEvent(line) === 'string'));
  });
});
