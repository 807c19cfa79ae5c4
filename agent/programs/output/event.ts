/** What print() or printf() tells, as one of the program's events. */

import type { ProgramEvent } from '../../../api/trace-program.js';
import { type Attributes, keyValues, type LogRecord, PROGRAM, SEVERITY_INFO } from '../../telemetry.js';
import { attributesOf, type Disclose } from './cells.js';
import type { Output } from './decode.js';
import { type Format, readByFormat } from './format.js';

export interface ToldEvent {
  name: string;
  attributes: Attributes;
}

/** An event, with the formats of printf() that may tell it. */
export interface KnownEvent extends ProgramEvent {
  formats: readonly Format[];
}

/** The first event that it can be; undefined if it is none. */
export function eventOf(
  output: Output & { type: 'print' | 'printf' },
  events: readonly KnownEvent[],
  disclose: Disclose,
): ToldEvent | undefined {
  for (const { name, from, fields, formats } of events) {
    if (from !== output.type) continue;
    const rows =
      output.type === 'print' ? [listOf(output.value)] : formats.map((one) => readByFormat(output.text, one));
    for (const cells of rows) {
      const attributes = cells && attributesOf(fields, cells, disclose);
      if (attributes !== undefined) return { name, attributes };
    }
  }
  return undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

export function logRecord(program: string, { name, attributes }: ToldEvent, unixNano: bigint): LogRecord {
  return {
    timeUnixNano: unixNano.toString(),
    observedTimeUnixNano: unixNano.toString(),
    severityNumber: SEVERITY_INFO,
    severityText: 'INFO',
    attributes: keyValues({ [PROGRAM.name.name]: program, ...attributes }),
    eventName: name,
  };
}
