/** Attribute lists from plain records. */

import type { AnyValue, KeyValue } from './model.js';

export type AttributeValue = string | number | boolean | bigint;

/** Attributes as they are written by hand; an undefined one is left out. */
export type Attributes = Record<string, AttributeValue | undefined>;

/** Whole numbers become integers, other numbers doubles. */
export function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

/** A double even where the number is whole: an attribute's type must not change from one span to the next. */
export function double(key: string, value: number): KeyValue {
  return { key, value: { doubleValue: value } };
}

/** A list of whole numbers. */
export function integers(key: string, values: readonly number[]): KeyValue {
  return { key, value: { arrayValue: { values: values.map((value) => ({ intValue: integer(value) })) } } };
}

function anyValue(value: AttributeValue): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number' && !Number.isInteger(value)) return { doubleValue: value };
  return { intValue: integer(value) };
}

/** Decimal digits of a whole number, also above 2^53 (where 1e21 would print as `1e+21`). */
export function integer(value: number | bigint): string {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
    ? String(value)
    : BigInt(Math.round(value)).toString();
}
