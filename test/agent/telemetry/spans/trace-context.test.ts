import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTraceparent, parseUpstream } from '../../../../agent/telemetry/spans/trace-context.js';
import { SPAN_ID, TRACE_ID, TRACEPARENT, UNSAMPLED } from '../events.js';

const sampled = { traceId: TRACE_ID, spanId: SPAN_ID, sampled: true };
const comment = (value: string) => parseUpstream({ source: 'sqlcomment', value, stale: false });

describe('a trace context in a comment', () => {
  test.each([
    ['quoted', `='${TRACEPARENT}'`],
    ['quoted, with more keys behind', `='${TRACEPARENT}',tracestate='congo%3Dt61rcWkgMzE'*/`],
    ['plain', `=${TRACEPARENT}`],
    ['plain, with another key behind', `=${TRACEPARENT},action=show`],
    ['plain, the comment ends', `=${TRACEPARENT}*/ SELECT 1`],
    ['with a colon', `:${TRACEPARENT}`],
    ['with a colon, quoted', `:'${TRACEPARENT}'`],
    ['with blanks', ` = '${TRACEPARENT}' `],
    ['with double quotes', `="${TRACEPARENT}"`],
    ['encoded quotes', `=%27${TRACEPARENT}%27`],
    ['encoded hyphens', `='${TRACEPARENT.replaceAll('-', '%2D')}'`],
    ['encoded hyphens in small letters', `='${TRACEPARENT.replaceAll('-', '%2d')}'`],
    ['escaped quotes, as in a string', `=\\'${TRACEPARENT}\\'`],
  ])('%s', (_, value) => {
    expect(comment(value)).toEqual(sampled);
  });

  test.each([
    ['no separator', TRACEPARENT],
    ['cut off', `='${TRACEPARENT.slice(0, 54)}`],
    ['nothing', ''],
    ['empty', "=''"],
    ['broken encoding', `=%2${TRACEPARENT}`],
  ])('invalid: %s', (_, value) => {
    expect(comment(value)).toBeUndefined();
  });
});

describe('a trace context as application_name', () => {
  const application = (value: string) => parseUpstream({ source: 'application_name', value, stale: false });
  test('is the bare traceparent', () => {
    expect(application(TRACEPARENT)).toEqual(sampled);
    expect(application(`${TRACEPARENT} `)).toEqual(sampled);
  });
  test.each(['psql', '', `'${TRACEPARENT}'`, `traceparent=${TRACEPARENT}`])('invalid: %s', (value) => {
    expect(application(value)).toBeUndefined();
  });
});

describe('W3C rules', () => {
  test.each([
    ['flags: only the lowest bit means sampled', `00-${TRACE_ID}-${SPAN_ID}-03`, true],
    ['flags: 00', UNSAMPLED, false],
    ['flags: random id, not sampled', `00-${TRACE_ID}-${SPAN_ID}-02`, false],
    ['a later version', `01-${TRACE_ID}-${SPAN_ID}-01`, true],
    ['a later version with more fields', `cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-will-be-like`, true],
  ])('valid: %s', (_, text, isSampled) => {
    expect(parseTraceparent(text)).toEqual({ ...sampled, sampled: isSampled });
  });

  test.each([
    ['version ff', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['version 00 with more fields', `${TRACEPARENT}-extra`],
    ['a later version that does not end', `01-${TRACE_ID}-${SPAN_ID}-01what`],
    ['trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['capital letters', TRACEPARENT.toUpperCase()],
    ['too short an id', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
    ['not hexadecimal', `00-${TRACE_ID.slice(1)}g-${SPAN_ID}-01`],
  ])('invalid: %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

test('whatever comes: a valid context or none', () => {
  const soup = fc.string({ unit: fc.constantFrom(...`=:'"%27%2D-01abf ${TRACE_ID}`) });
  fc.assert(
    fc.property(
      fc.oneof(
        soup,
        fc.string({ unit: 'binary' }),
        fc.tuple(soup, fc.constant(TRACEPARENT), soup).map((parts) => parts.join('')),
      ),
      (value) => {
        const context = comment(value);
        if (context === undefined) return;
        expect(context.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
        expect(context.spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
      },
    ),
  );
});
