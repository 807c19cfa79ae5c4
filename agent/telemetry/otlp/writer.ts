/** The wire format of protobuf, written from the end of a buffer to its beginning. The buffer doubles when it is full. */

const LENGTH_DELIMITED = 2;
const TWO_32 = 2 ** 32;

/** Memory of the writer that finished last, for the next one; larger ones are left to the garbage collector. */
let spare: Buffer | undefined;
const FIRST_BYTES = 4096;
const MAX_SPARE_BYTES = 1024 * 1024;

export class Writer {
  private buffer: Buffer;
  private start: number;

  constructor() {
    this.buffer = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    spare = undefined;
    this.start = this.buffer.length;
  }

  get length(): number {
    return this.buffer.length - this.start;
  }

  /** A copy of what was written. The writer must not be used afterwards. */
  finish(): Uint8Array {
    const written = Buffer.from(this.buffer.subarray(this.start));
    if (this.buffer.length <= MAX_SPARE_BYTES) spare = this.buffer;
    return written;
  }

  /** The head of a length-delimited field, written after (that is, in front of) its content. */
  head(number: number, length: number): void {
    this.varint(length);
    this.tag(number, LENGTH_DELIMITED);
  }

  tag(number: number, wireType: number): void {
    this.varint((number << 3) | wireType);
  }

  varint(value: number): void {
    let size = 1;
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) size++;
    let at = this.reserve(size);
    let rest = value;
    for (; size > 1; size--) {
      this.buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[at] = rest;
  }

  varint64(value: string): void {
    const small = Number(value);
    if (small >= 0 && Number.isSafeInteger(small)) this.varint(small);
    else this.bigVarint(BigInt.asUintN(64, BigInt(value)));
  }

  private bigVarint(value: bigint): void {
    let rest = value;
    const bytes: number[] = [];
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  fixed32(value: number): void {
    const at = this.reserve(4);
    this.buffer.writeUInt32LE(value, at);
  }

  fixed64(value: string): void {
    const small = Number(value);
    const at = this.reserve(8);
    if (small >= 0 && Number.isSafeInteger(small)) {
      this.buffer.writeUInt32LE(small % TWO_32, at);
      this.buffer.writeUInt32LE(Math.floor(small / TWO_32), at + 4);
    } else {
      this.buffer.set(bigFixed64(value), at);
    }
  }

  double(value: number): void {
    const at = this.reserve(8);
    this.buffer.writeDoubleLE(value, at);
  }

  bytes(content: Uint8Array): void {
    const at = this.reserve(content.length);
    this.buffer.set(content, at);
  }

  /** UTF-8; returns its length in bytes. */
  text(content: string): number {
    const size = Buffer.byteLength(content);
    const at = this.reserve(size);
    this.buffer.write(content, at, size, 'utf8');
    return size;
  }

  /** Makes room in front of what is written; returns where it begins (`buffer` may be another one afterwards). */
  private reserve(size: number): number {
    if (size > this.start) this.grow(size);
    this.start -= size;
    return this.start;
  }

  private grow(size: number): void {
    const written = this.length;
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, written + size));
    this.buffer.copy(bigger, bigger.length - written, this.start);
    this.start = bigger.length - written;
    this.buffer = bigger;
  }
}

/** The large numbers of one request are few: the times of its points. */
const bigNumbers = new Map<string, Uint8Array>();
const MAX_BIG_NUMBERS = 1024;

function bigFixed64(value: string): Uint8Array {
  const known = bigNumbers.get(value);
  if (known !== undefined) return known;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  if (bigNumbers.size >= MAX_BIG_NUMBERS) bigNumbers.clear();
  bigNumbers.set(value, bytes);
  return bytes;
}
