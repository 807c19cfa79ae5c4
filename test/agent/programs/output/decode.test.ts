import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeOutput } from '../../../../agent/programs/output/decode.js';
import { entriesOf } from '../../../../agent/programs/output/entries.js';

describe('a line of bpftrace', () => {
  test.each([
    ['{"type": "attached_probes", "data": {"probes": 3}}', { type: 'attached', probes: 3 }],
    ['{"type": "attached_probes", "count": 2, "data": {"probes": 2}}', { type: 'attached', probes: 2 }],
    ['{"type": "printf", "data": "a \\"b\\"\\n"}', { type: 'printf', text: 'a "b"\n' }],
    ['{"type": "value", "data": [1,"a,b\\n",3]}', { type: 'print', value: [1, 'a,b\n', 3] }],
    ['{"type": "map", "data": {"@": 0}}', { type: 'map', name: '', content: 0 }],
    ['{"type": "stats", "data": {"@av": {"q": 4}}}', { type: 'map', name: 'av', content: { q: 4 } }],
    ['{"type": "lost_events", "data": {"events": 12}}', { type: 'lost', events: 12 }],
    ['{"type": "lost_events", "count": 7, "data": {"events": "7"}}', { type: 'lost', events: 7 }],
    ['{"type": "helper_error", "msg": "Bad address", "retcode": -14}', { type: 'helperError', message: 'Bad address' }],
    ['{"type": "time", "data": "20:02:04\\n"}', { type: 'other' }],
  ])('%s', (line, output) => {
    expect(decodeOutput(line)).toEqual(output);
  });

  test.each(['', 'x', '[]', '5', 'null', '{}', '{"type": 5}', '{"type":"map"}', '{"type":"map","data":{"a":1}}'])(
    'is none: %s',
    (line) => {
      expect(decodeOutput(line)).toBeUndefined();
    },
  );

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        decodeOutput(line);
      }),
    );
  });
});

describe('the entries of a map', () => {
  const buckets = (...pairs: [number, number][]) => new Map(pairs);

  test('numbers, also such as only text can hold', () => {
    expect(entriesOf({ 'a,1': 5, b: '18446744073709551615', c: [1, 'a'], d: 'x', e: true }, true)).toEqual([
      { key: 'a,1', sums: { value: 5, count: 0, total: undefined, buckets: buckets() } },
      { key: 'b', sums: { value: 2 ** 64, count: 0, total: undefined, buckets: buckets() } },
      { key: 'e', sums: { value: 1, count: 0, total: undefined, buckets: buckets() } },
    ]);
    expect(entriesOf(-3, false)).toMatchObject([{ key: '', sums: { value: -3 } }]);
    expect(entriesOf('hello', false)).toEqual([]);
    expect(entriesOf(5, true)).toEqual([]);
  });

  test('a logarithmic histogram: bounds are the largest values of its buckets', () => {
    const content = [
      { max: -1, count: 2 },
      { min: 0, max: 0, count: 1 },
      { min: 1, max: 1, count: 0 },
      { min: 2, max: 3, count: 5 },
    ];
    expect(entriesOf(content, false)).toEqual([
      { key: '', sums: { value: 0, count: 8, total: undefined, buckets: buckets([-1, 2], [0, 1], [1, 0], [3, 5]) } },
    ]);
  });

  test('a linear one, that begins in the middle, with values beyond its end', () => {
    const content = {
      'a,1': [
        { min: 30, max: 39, count: 4 },
        { min: 40, max: 49, count: 0 },
        { min: 50, count: 2 },
      ],
    };
    expect(entriesOf(content, true)).toMatchObject([
      { key: 'a,1', sums: { count: 6, buckets: buckets([29, 0], [39, 4], [49, 0], [Number.POSITIVE_INFINITY, 2]) } },
    ]);
  });

  test('count and sum', () => {
    expect(entriesOf({ a: { count: 2, average: 15, total: 30 }, b: { count: 1 } }, true)).toEqual([
      { key: 'a', sums: { value: 15, count: 2, total: 30, buckets: buckets() } },
    ]);
  });

  test('what is no histogram is left out', () => {
    expect(entriesOf([{ min: 1, max: 2 }], false)).toEqual([]);
    expect(entriesOf([5], false)).toEqual([]);
  });
});
