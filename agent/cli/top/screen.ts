/** A terminal taken over for pictures, and given back as it was, whatever happens. */
import type { Size } from './lines.js';

/** What a terminal gives: process.stdin and process.stdout, or those of a test. */
export interface Terminal {
  output: NodeJS.WritableStream & { columns?: number; rows?: number };
  /** Undefined where there is no keyboard. */
  input: KeyboardStream | undefined;
}

export type KeyboardStream = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

export interface Screen {
  size(): Size;
  show(lines: readonly string[]): void;
  /** Gives the terminal back; further calls do nothing. */
  close(): void;
}

const ALTERNATE = '\u001b[?1049h';
const NORMAL = '\u001b[?1049l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Without wrapping, a line whose width the terminal sees differently spoils no other line. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const HOME = '\u001b[H';
/** Before a line: behind one that fills the width it would erase the last character. */
const ERASE_LINE = '\u001b[K';

export function openScreen({ output, input }: Terminal, onKeys: (keys: string) => void, onResize: () => void): Screen {
  const onInput = (chunk: Buffer | string) => onKeys(chunk.toString());
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    process.off('exit', close);
    output.off('resize', onResize);
    input?.off('data', onInput);
    input?.setRawMode?.(false);
    input?.pause();
    output.write(`${WRAP}${SHOW_CURSOR}${NORMAL}`);
  };
  // An uncaught error ends in `exit` too, where writes to a terminal are still done.
  process.on('exit', close);
  output.write(`${ALTERNATE}${HIDE_CURSOR}${NO_WRAP}`);
  output.on('resize', onResize);
  input?.setRawMode?.(true);
  input?.on('data', onInput);
  input?.resume();
  return {
    size: () => ({ columns: output.columns ?? 80, rows: output.rows ?? 24 }),
    show: (lines) => {
      if (open) output.write(`${HOME}${ERASE_LINE}${lines.join(`\r\n${ERASE_LINE}`)}`);
    },
    close,
  };
}
