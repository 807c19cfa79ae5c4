import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attributesOf, cellsOf } from '../../../../agent/programs/output/cells.js';
import { eventOf, logRecord } from '../../../../agent/programs/output/event.js';
import { formatOf, readByFormat } from '../../../../agent/programs/output/format.js';

type Type = 'string' | 'integer' | 'query';
const typed = (...types: Type[]) => types.map((type, index) => ({ name: `k${index}`, type }));
const disclose = (text: string) => ({ summary: 'S', text: `<${text.length}>` });

describe('the keys of a map', () => {
  test.each<[string, Type[], string[] | undefined]>([
    ['a,3', ['string', 'integer'], ['a', '3']],
    ['a,b', ['string'], ['a,b']],
    ['a,b,3', ['string', 'integer'], undefined],
    ['a', ['string', 'integer'], undefined],
    ['select 1, 2,7', ['query', 'integer'], ['select 1, 2', '7']],
    ['7,select 1, 2', ['integer', 'query'], ['7', 'select 1, 2']],
    ['p,select f(1,2),3,x', ['string', 'query', 'integer', 'string'], ['p', 'select f(1,2)', '3', 'x']],
    ['p,,3', ['string', 'query', 'integer'], ['p', '', '3']],
    ['', [], []],
    ['a', [], undefined],
    ['', ['query'], ['']],
  ])('%j as %j', (key, types, cells) => {
    expect(cellsOf(key, typed(...types))).toEqual(cells);
  });

  test('no other cell holds a part of a statement, whatever the statement is', () => {
    const plain = fc.stringMatching(/^[a-z ]{0,8}$/);
    const types = typed('string', 'query', 'string');
    fc.assert(
      fc.property(plain, fc.string(), plain, (before, statement, behind) => {
        const cells = cellsOf([before, statement, behind].join(','), types);
        expect([cells?.[0], cells?.[2]]).toEqual([before, behind]);
      }),
    );
  });
});

describe('a line, read by its format', () => {
  const read = (literal: string, line: string) => readByFormat(line, formatOf(literal));
  const WRITES = '"%-6s %-7d %-9s %9d %s/%s %s\\n"';

  test('columns, also with spaces in them, and a statement at the end', () => {
    const line = '12:00  4242    io worker      8192 5/16384 select 1,\n  2\n';
    expect(read(WRITES, line)).toEqual(['12:00 ', '4242   ', 'io worker', '     8192', '5', '16384', 'select 1,\n  2']);
  });

  test.each([
    ['"%d of %d%%\\n"', '5 of 7%\n', ['5', '7']],
    ['"%s|%s"', 'a|b|c', ['a', 'b|c']],
    ['"%4d%4d"', '   1   2', ['   1', '   2']],
    ['"x %s"', 'y 1', undefined],
    ['"%d"', 'TIME', undefined],
    ['"%s-%s"', 'ab', undefined],
    ['"none"', 'none', []],
  ])('%s', (literal, line, cells) => {
    expect(read(literal, line)).toEqual(cells);
  });

  test('no other cell holds a part of the statement behind them', () => {
    const plain = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(plain, fc.nat(), plain, fc.string(), (a, n, b, statement) => {
        expect(
          read('"%-6s %6d %s/%s %s\\n"', `${a.padEnd(6)} ${String(n).padStart(6)} ${b}/${b} ${statement}\n`),
        ).toEqual([a.padEnd(6), String(n).padStart(6), b, b, statement]);
      }),
    );
  });

  test('very long lines are none', () => {
    expect(read('"%s"', 'x'.repeat(20_000))).toBeUndefined();
  });
});

describe('attributes', () => {
  test('whole numbers, text, and statements as they may be shown', () => {
    expect(attributesOf(typed('integer', 'string', 'query'), ['5', ' a ', "select 'x'"], disclose)).toEqual({
      k0: 5,
      k1: 'a',
      'db.query.summary': 'S',
      'db.query.text': '<10>',
    });
    expect(attributesOf(typed('integer'), ['-9223372036854775808'], disclose)).toEqual({ k0: -(2n ** 63n) });
  });

  test('none where a cell is not of its type', () => {
    expect(attributesOf(typed('integer'), ['PID'], disclose)).toBeUndefined();
    expect(attributesOf(typed('string'), [[1]], disclose)).toBeUndefined();
    expect(attributesOf(typed('string'), [], disclose)).toBeUndefined();
  });

  test('text is bounded', () => {
    expect(attributesOf(typed('string'), ['x'.repeat(1000)], disclose)).toEqual({ k0: 'x'.repeat(256) });
  });
});

describe('an event', () => {
  const events = [
    { name: 'my.write', from: 'print' as const, fields: typed('integer', 'query'), formats: [] },
    { name: 'my.read', from: 'print' as const, fields: typed('integer'), formats: [] },
    { name: 'my.line', from: 'printf' as const, fields: typed('string', 'query'), formats: [formatOf('"%s|%s\\n"')] },
  ];

  test('is the first one that fits', () => {
    expect(eventOf({ type: 'print', value: [5, 'select 1'] }, events, disclose)?.name).toBe('my.write');
    expect(eventOf({ type: 'print', value: 5 }, events, disclose)?.name).toBe('my.read');
    expect(eventOf({ type: 'printf', text: 'a|select\n 1\n' }, events, disclose)).toEqual({
      name: 'my.line',
      attributes: { k0: 'a', 'db.query.summary': 'S', 'db.query.text': '<9>' },
    });
    expect(eventOf({ type: 'print', value: 'secret' }, events, disclose)).toBeUndefined();
    expect(eventOf({ type: 'printf', text: 'secret\n' }, events, disclose)).toBeUndefined();
  });

  test('becomes a log record with the name of its program', () => {
    expect(logRecord('p', { name: 'my.read', attributes: { a: 1 } }, 5n)).toMatchObject({
      timeUnixNano: '5',
      severityText: 'INFO',
      eventName: 'my.read',
      attributes: [
        { key: 'pgscope.program', value: { stringValue: 'p' } },
        { key: 'a', value: { intValue: '1' } },
      ],
    });
  });
});
