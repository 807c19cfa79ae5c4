/**
 * Messages for people about what keeps going wrong: the first at once, then at most one a minute, saying how many there were; or
 * the first alone, where it says all there is to say.
 */

export type Log = (line: string) => void;

export interface Notices {
  /** `kind` groups messages that stand for each other. */
  notice(kind: string, line: string): void;
  /** Said once, until it is over. */
  once(kind: string, line: string): void;
  /** The trouble is over. Returns whether it has been said since the last time. */
  over(kind: string): boolean;
}

export function createNotices(log: Log, now: () => number, everyMs = 60_000): Notices {
  const said = new Map<string, { at: number; held: number; open: boolean }>();
  return {
    notice: (kind, line) => {
      const last = said.get(kind);
      if (last !== undefined && now() - last.at < everyMs) {
        last.held += 1;
        return;
      }
      log(last === undefined || last.held === 0 ? line : `${line} (and ${last.held} times since the last message)`);
      said.set(kind, { at: now(), held: 0, open: true });
    },
    once: (kind, line) => {
      if (said.get(kind)?.open === true) return;
      log(line);
      said.set(kind, { at: now(), held: 0, open: true });
    },
    over: (kind) => {
      const last = said.get(kind);
      if (last?.open !== true) return false;
      last.open = false;
      return true;
    },
  };
}

/** Text from a receiver, made fit for a log line: printable, at most 200 characters. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}
