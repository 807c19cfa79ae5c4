/**
 * Takes apart the keys of a map, which bpftrace joins by commas. Where one of them is the text of a statement, which holds commas itself, the
 * others are counted from both ends, so that no part of the statement ever counts as one of them.
 */

import type { ProgramKey } from '../../../api/trace-program.js';
import type { DescribedQuery } from '../../queries.js';
import { type Attributes, QUERY, SPAN } from '../../telemetry.js';

/** How the text of a statement may be shown. */
export type Disclose = (text: string) => DescribedQuery;

/** A cell for each type; undefined if there are too few or too many. */
export function cellsOf(text: string, types: readonly ProgramKey[]): string[] | undefined {
  if (types.length === 0) return text === '' ? [] : undefined;
  const pieces = text.split(',');
  const at = types.findIndex(({ type }) => type === 'query');
  if (at === -1) {
    const whole = types.length === 1 ? [text] : pieces;
    return whole.length === types.length ? whole : undefined;
  }
  if (pieces.length < types.length) return undefined;
  const last = pieces.length - (types.length - 1 - at);
  return [...pieces.slice(0, at), pieces.slice(at, last).join(','), ...pieces.slice(last)];
}

/** Undefined if a cell is not of its type. */
export function attributesOf(
  types: readonly ProgramKey[],
  cells: readonly unknown[],
  disclose: Disclose,
): Attributes | undefined {
  if (cells.length !== types.length) return undefined;
  const attributes: Attributes = {};
  for (const [index, { name, type }] of types.entries()) {
    const cell = cells[index];
    if (type === 'query') {
      // Of a process that works on no statement.
      if (cell === '') continue;
      const { summary, text } = disclose(String(cell));
      Object.assign(attributes, { [QUERY.summary.name]: summary, [SPAN.text.name]: text });
    } else {
      const value = type === 'integer' ? wholeNumber(cell) : plainText(cell);
      if (value === undefined) return undefined;
      attributes[name] = value;
    }
  }
  return attributes;
}

const MAX_TEXT_CHARACTERS = 256;

function plainText(cell: unknown): string | undefined {
  if (typeof cell === 'object') return undefined;
  return String(cell).toWellFormed().trim().slice(0, MAX_TEXT_CHARACTERS);
}

function wholeNumber(cell: unknown): number | bigint | undefined {
  const text = String(cell).trim();
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(text));
}
