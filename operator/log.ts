/**
 * The operator's log: one JSON object a line on stderr, with time, level and msg first, so that both people and collectors read it.
 * What is said again and again is said rarely: at most three times a minute, then with the number of times it was kept back.
 */

export type Level = 'info' | 'warn' | 'error';

/** `controller`, `key` and the like; values that are undefined are left out. */
export type LogFields = Record<string, string | number | boolean | undefined>;

export interface Log {
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** Takes a line with its newline. */
  write(line: string): void;
  /** Milliseconds since 1970. */
  now?(): number;
}

const WINDOW_MS = 60_000;
const REPEATS_PER_WINDOW = 3;
/** Of all lines together: a thousand profiles that fail in a thousand ways must not fill a disk. */
const LINES_PER_WINDOW = 1_000;
/** Messages whose repetitions are counted at a time. */
const MAX_MESSAGES = 1_000;
const MAX_MESSAGE_LENGTH = 2_000;

interface Repetition {
  sinceMs: number;
  written: number;
  keptBack: number;
}

export function createLog({ write, now = Date.now }: LogOptions): Log {
  const said = new Map<string, Repetition>();
  let all: Repetition = { sinceMs: now(), written: 0, keptBack: 0 };

  /** The count of this message in the present window; the window's end is noticed at the next message. */
  const repetitionOf = (key: string, atMs: number): Repetition => {
    const known = said.get(key);
    if (known !== undefined && atMs - known.sinceMs < WINDOW_MS) return known;
    const fresh = { sinceMs: atMs, written: 0, keptBack: known?.keptBack ?? 0 };
    said.delete(key);
    said.set(key, fresh);
    const [oldest] = said.keys();
    if (said.size > MAX_MESSAGES && oldest !== undefined) said.delete(oldest);
    return fresh;
  };

  const say = (level: Level, msg: string, fields: LogFields = {}): void => {
    const atMs = now();
    if (atMs - all.sinceMs >= WINDOW_MS) all = { sinceMs: atMs, written: 0, keptBack: all.keptBack };
    const repetition = repetitionOf(JSON.stringify([level, msg, fields]), atMs);
    const limited = [
      { count: repetition, limit: REPEATS_PER_WINDOW },
      { count: all, limit: LINES_PER_WINDOW },
    ].find(({ count, limit }) => count.written >= limit);
    if (limited !== undefined) {
      limited.count.keptBack += 1;
      return;
    }
    const line = {
      time: new Date(atMs).toISOString(),
      level,
      msg: msg.slice(0, MAX_MESSAGE_LENGTH),
      ...fields,
      ...(repetition.keptBack > 0 && { repeated: repetition.keptBack }),
      ...(all.keptBack > 0 && { dropped: all.keptBack }),
    };
    repetition.written += 1;
    repetition.keptBack = 0;
    all.written += 1;
    all.keptBack = 0;
    write(`${JSON.stringify(line)}\n`);
  };

  return {
    info: (msg, fields) => say('info', msg, fields),
    warn: (msg, fields) => say('warn', msg, fields),
    error: (msg, fields) => say('error', msg, fields),
  };
}
