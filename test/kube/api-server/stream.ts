/** The server's end of one watch, with or without a fault. */
import type { ServerResponse } from 'node:http';
import type { HistoryEntry } from './collection.js';
import { type StreamFault, statusOf } from './faults.js';

export interface Stream {
  event(entry: HistoryEntry): void;
  bookmark(version: number): void;
  /** Sends what a fault holds back. */
  flush(): void;
  end(): void;
  reset(): void;
}

export function createStream(response: ServerResponse, fault: StreamFault | undefined): Stream {
  let pending = fault;
  let held: HistoryEntry | undefined;
  let stalled = false;
  const past: HistoryEntry[] = [];

  const write = (text: string): void => {
    if (stalled || response.writableEnded || response.destroyed) return;
    if (fault?.kind !== 'pieces') response.write(text);
    else for (const piece of pieces(text)) response.write(piece);
  };

  const reset = (): void => {
    response.socket?.resetAndDestroy();
  };

  /** Faults that happen once. */
  const once: Partial<Record<StreamFault['kind'], (entry: HistoryEntry) => void>> = {
    errorEvent: () => {
      const { code, reason } = fault as StreamFault & { kind: 'errorEvent' };
      write(line({ type: 'ERROR', object: statusOf(code, reason, 'too old resource version: 1 (2)') }));
    },
    cutLine: (entry) => {
      write(line(entry).slice(0, -20));
      response.end();
    },
    noiseLine: () => write('{"type":"ADDED","object":{"metadata"\n'),
    longLine: () => {
      const { bytes } = fault as StreamFault & { kind: 'longLine' };
      write(`{"type":"${'x'.repeat(bytes)}"}\n`);
    },
    stall: (entry) => {
      write(line(entry));
      stalled = true;
    },
    resetAfterEvent: (entry) => {
      if (response.write(line(entry))) setImmediate(reset);
      else response.once('drain', reset);
    },
  };

  /** Faults of the whole stream. */
  const always: Partial<Record<StreamFault['kind'], (entry: HistoryEntry) => void>> = {
    twice: (entry) => write(line(entry) + line(entry)),
    swapped: (entry) => {
      if (held === undefined) {
        held = entry;
        return;
      }
      // In one piece: a server that sends the later one alone and then breaks has lost the earlier one for good.
      write(line(entry) + line(held));
      held = undefined;
    },
    repeats: (entry) => {
      write([...past.slice(-2), entry].map(line).join(''));
      past.push(entry);
    },
  };

  if (fault?.kind === 'end') response.end();

  return {
    event: (entry) => {
      const wrong = pending && (once[pending.kind] ?? always[pending.kind]);
      if (pending && once[pending.kind]) pending = undefined;
      if (wrong) wrong(entry);
      else write(line(entry));
    },
    bookmark: (version) => {
      // A bookmark promises that all before it was sent.
      if (held === undefined)
        write(line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version) } } }));
    },
    flush: () => {
      if (held !== undefined) write(line(held));
      held = undefined;
    },
    end: () => response.end(),
    reset,
  };
}

function line({ type, object }: { type: string; object: unknown }): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Three bytes each, so characters of two or four are cut. */
function pieces(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / 3) }, (_, index) => bytes.subarray(index * 3, index * 3 + 3));
}
