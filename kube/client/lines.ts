/** Cuts a stream of bytes into lines. Works on bytes, so a chunk may end in the middle of a character. */

const NEWLINE = 0x0a;

export interface LineCutter {
  /** Gives the lines that `chunk` completes, without their ends; throws a RangeError if one is longer than the limit. */
  push(chunk: Buffer): string[];
  /** Bytes of the line that has no end yet. */
  readonly pendingBytes: number;
}

export function createLineCutter(maxLineBytes: number): LineCutter {
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const keep = (part: Buffer): void => {
    pendingBytes += part.length;
    if (pendingBytes > maxLineBytes) throw new RangeError(`a line is longer than ${maxLineBytes} bytes`);
    if (part.length > 0) pending.push(part);
  };

  const take = (): string => {
    const line = Buffer.concat(pending, pendingBytes).toString('utf8');
    pending = [];
    pendingBytes = 0;
    return line;
  };

  return {
    push: (chunk) => {
      const lines: string[] = [];
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, to));
        lines.push(take());
        from = to + 1;
      }
      keep(chunk.subarray(from));
      return lines;
    },
    get pendingBytes() {
      return pendingBytes;
    },
  };
}
