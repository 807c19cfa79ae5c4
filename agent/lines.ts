/** Cuts a stream of bytes into lines of bounded length; a line that is too long is dropped whole and reported. */

const NEWLINE = 0x0a;

export interface LineOptions {
  /** A longer line is dropped. Bytes. */
  maxBytes: number;
  onLine(line: string): void;
  onTooLong(): void;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** The stream has ended: what is left without a newline is the last line. */
  end(): void;
}

export function createLineSplitter({ maxBytes, onLine, onTooLong }: LineOptions): LineSplitter {
  let parts: Buffer[] = [];
  let bytes = 0;

  function keep(part: Buffer): void {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  }

  function finish(): void {
    const [first] = parts;
    const line = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    const tooLong = bytes > maxBytes;
    parts = [];
    bytes = 0;
    if (tooLong) onTooLong();
    else if (line.length > 0) onLine(line.toString('utf8'));
  }

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        finish();
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end: finish,
  };
}
