import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPartialSuccess, readStatusMessage } from '../../../../agent/telemetry/otlp/partial-success.js';
import { encode } from './schema.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json; charset=utf-8';

describe('what a receiver rejected', () => {
  test('in protobuf', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 }), fc.string({ unit: 'grapheme' }), (rejected, message) => {
        const body = encode('ExportTraceServiceResponse', {
          partialSuccess: { rejectedSpans: rejected, errorMessage: message },
        });
        expect(readPartialSuccess(body, PROTOBUF)).toEqual({ rejected, message });
      }),
    );
  });

  test.each([
    ['{"partialSuccess":{"rejectedSpans":"7","errorMessage":"too old"}}', 7, 'too old'],
    ['{"partialSuccess":{"rejectedDataPoints":3}}', 3, ''],
    ['{"partialSuccess":{}}', 0, ''],
    ['{}', 0, ''],
    ['', 0, ''],
    ['{"partialSuccess":{"rejectedSpans":"-1"}}', 0, ''],
    ['not JSON', 0, ''],
    ['null', 0, ''],
  ])('in JSON: %s', (body, rejected, message) => {
    expect(readPartialSuccess(Buffer.from(body), JSON_TYPE)).toEqual({ rejected, message });
  });

  test('an empty answer rejects nothing', () => {
    expect(readPartialSuccess(new Uint8Array(), PROTOBUF)).toEqual({ rejected: 0, message: '' });
  });

  test('no answer makes it fail', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(PROTOBUF, JSON_TYPE, ''), (body, type) => {
        expect(readPartialSuccess(body, type).rejected).toBeGreaterThanOrEqual(0);
        readStatusMessage(body);
      }),
    );
  });
});

test('the message of an error', () => {
  expect(readStatusMessage(encode('RpcStatus', { code: 3, message: 'unknown tenant' }))).toBe('unknown tenant');
});
