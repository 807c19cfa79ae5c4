/**
 * Writes the model as protobuf. It writes from the end of the buffer to its beginning, so that the length of a nested message is
 * known when its head is written, and nothing is measured first or moved later. Attribute lists that many points share are encoded
 * once for as long as the list lives.
 */

import type { Field, Message, PackedType, ScalarType } from './fields.js';
import { keyValue } from './fields.js';
import { Writer } from './writer.js';

const VARINT = 0;
const FIXED64 = 1;
const FIXED32 = 5;

type Value = Record<string, unknown>;

interface SharedList {
  attributes: readonly object[];
  /** By the number of the field that it was written as. */
  encoded: Map<number, Uint8Array>;
}

/** Attribute lists that are shared, by their last attribute, as lists are written from their end. */
const sharedLists = new WeakMap<object, SharedList>();

/** Encodes `value`, an object of the model, as `message`. */
export function encodeProtobuf(message: Message, value: object): Uint8Array {
  const writer = new Writer();
  writeMessage(writer, message, value as Value);
  return writer.finish();
}

/**
 * Marks an attribute list as shared by many points, as their own list or within it: its encoding is kept while its attributes live, so
 * it must not change, and wherever the last of its attributes stands the others must stand before it.
 */
export function shareAttributes<T extends readonly object[]>(attributes: T): T {
  const last = attributes.at(-1);
  if (last !== undefined && !sharedLists.has(last)) sharedLists.set(last, { attributes, encoded: new Map() });
  return Object.freeze(attributes);
}

/** Protobuf joins encoded messages of the same field: a request is the row of its parts, each with its head. */
export function joinProtobuf(number: number, parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts.flatMap((part) => [headOf(number, part.length), part]));
}

function headOf(number: number, length: number): Uint8Array {
  const writer = new Writer();
  writer.head(number, length);
  return writer.finish();
}

function writeMessage(writer: Writer, message: Message, value: Value): void {
  for (let i = message.length - 1; i >= 0; i--) {
    const field = message[i] as Field;
    const content = value[field.name];
    if (content === undefined) continue;
    if (!field.repeated) writeField(writer, field, content);
    else writeList(writer, field, content as unknown[]);
  }
}

function writeList(writer: Writer, field: Field, list: unknown[]): void {
  if (field.type === keyValue) writeAttributes(writer, field, list as object[]);
  else for (let i = list.length - 1; i >= 0; i--) writeField(writer, field, list[i]);
}

function writeAttributes(writer: Writer, field: Field, list: object[]): void {
  for (let end = list.length; end > 0; ) {
    const last = list[end - 1] as object;
    const shared = sharedLists.get(last);
    if (shared === undefined) writeField(writer, field, last);
    else writer.bytes(encodedList(shared, field));
    end -= shared?.attributes.length ?? 1;
  }
}

function encodedList({ attributes, encoded }: SharedList, field: Field): Uint8Array {
  let known = encoded.get(field.number);
  if (known === undefined) {
    const own = new Writer();
    for (let i = attributes.length - 1; i >= 0; i--) writeField(own, field, attributes[i]);
    known = own.finish();
    encoded.set(field.number, known);
  }
  return known;
}

function writeField(writer: Writer, field: Field, content: unknown): void {
  const { type, number } = field;
  if (typeof type === 'object') {
    const end = writer.length;
    writeMessage(writer, type, content as Value);
    writer.head(number, writer.length - end);
  } else if (isPacked(type)) {
    writePacked(writer, number, content as unknown[], writeElement[type]);
  } else if (field.presence || field.repeated || !isDefault(type, content)) {
    writeScalar[type](writer, number, content);
  }
}

function isDefault(type: ScalarType, content: unknown): boolean {
  if (type === 'string' || type === 'hex') return content === '';
  return content === 0 || content === '0' || content === false;
}

type WriteElement = (writer: Writer, element: unknown) => void;

const writeElement: Record<PackedType, WriteElement> = {
  'packed uint64': (writer, element) => writer.varint64(element as string),
  'packed fixed64': (writer, element) => writer.fixed64(element as string),
  'packed double': (writer, element) => writer.double(element as number),
};

function isPacked(type: ScalarType | PackedType): type is PackedType {
  return Object.hasOwn(writeElement, type);
}

function writePacked(writer: Writer, number: number, elements: unknown[], write: WriteElement): void {
  if (elements.length === 0) return;
  const end = writer.length;
  for (let i = elements.length - 1; i >= 0; i--) write(writer, elements[i]);
  writer.head(number, writer.length - end);
}

function writeEncoded(writer: Writer, number: number, encoded: Uint8Array): void {
  writer.bytes(encoded);
  writer.head(number, encoded.length);
}

type WriteScalar = (writer: Writer, number: number, content: unknown) => void;

const fixed = (writeValue: (writer: Writer, content: unknown) => void, wireType: number): WriteScalar => {
  return (writer, number, content) => {
    writeValue(writer, content);
    writer.tag(number, wireType);
  };
};

const writeScalar: Record<ScalarType, WriteScalar> = {
  string: (writer, number, content) => writer.head(number, writer.text(content as string)),
  hex: (writer, number, content) => writeEncoded(writer, number, Buffer.from(content as string, 'hex')),
  bool: fixed((writer, content) => writer.varint(content === true ? 1 : 0), VARINT),
  uint32: fixed((writer, content) => writer.varint(content as number), VARINT),
  sint32: fixed((writer, content) => writer.varint(zigzag(content as number)), VARINT),
  int64: fixed((writer, content) => writer.varint64(content as string), VARINT),
  fixed32: fixed((writer, content) => writer.fixed32(content as number), FIXED32),
  fixed64: fixed((writer, content) => writer.fixed64(content as string), FIXED64),
  sfixed64: fixed((writer, content) => writer.fixed64(content as string), FIXED64),
  double: fixed((writer, content) => writer.double(content as number), FIXED64),
};

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
