import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { exportLossSentences, lossSentences } from '../../../../agent/cli/record/losses.js';

describe('losses as sentences', () => {
  test('those that are not zero, in a fixed order, unknown ones by name', () => {
    expect(lossSentences({ somethingNew: 3, tracerRestarts: 1, recordsRingFull: 1234, textTruncated: 0 })).toEqual([
      '1,234 statements did not become spans, since the ring buffer was full: capture fewer.',
      'The tracer died and was started again (1 time): what it had not told is missing.',
      'somethingNew: 3.',
    ]);
  });

  test('every loss of the tracer has its own sentence', () => {
    const protocol = readFileSync('docs/tracer-protocol.md', 'utf8');
    const names = /^Losses: (.*)$/m.exec(protocol)?.[1]?.match(/`\w+`/g) ?? [];
    expect(names.length).toBeGreaterThan(10);
    for (const name of names.map((quoted) => quoted.slice(1, -1))) {
      expect(lossSentences({ [name]: 7 })).not.toContain(`${name}: 7.`);
    }
  });
});

describe('losses of the export as sentences', () => {
  test('name what was lost, where, and why; those of the capture are told elsewhere', () => {
    expect(
      exportLossSentences([
        { stage: 'capture', reason: 'recordsRingFull', count: 4 },
        { stage: 'export', reason: 'refused', signal: 'traces', exporter: 'otlp', count: 1 },
        { stage: 'export', reason: 'writeFailed', signal: 'metrics', exporter: 'file', count: 2000 },
        { stage: 'telemetry', reason: 'queriesOverflow', count: 5 },
        { stage: 'telemetry', reason: 'descriptionsForgotten', count: 0 },
      ]),
    ).toEqual([
      '1 span did not reach the OTLP receiver: the receiver refused them.',
      '2,000 data points did not reach the OTLP file: the file could not be written.',
      '5 statements exported in one series for all other queries: raise --max-queries.',
    ]);
  });
});
