/** Files that are replaced under a running process, as the kubelet replaces those of a mounted Secret: read anew when they have changed. */

import { readFileSync, statSync } from 'node:fs';
import type { Log } from './notices.js';

/** The last good value; `afresh`: the one given last was refused, so look at once. */
export type Renewed<Value> = (afresh: boolean, log: Log) => Value;

export interface ChangingFilesOptions<Value> {
  /** Who they are for, and what they are: `destination default: headers and certificates`. */
  what: string;
  files: readonly string[];
  /** Reads all of them; throws an Error with a message for people. */
  read(): Value;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

/** Headers and certificates take some KiB. */
const MAX_BYTES = 1024 * 1024;
const LOOK_MS = 10_000;
const LOOK_AFRESH_MS = 1000;

/** Throws what the first reading throws. Later ones that fail are told, once for each message, and the last good value stays. */
export function changingFiles<Value>(options: ChangingFilesOptions<Value>): Renewed<Value> {
  const { what, files, read, now = () => performance.now() } = options;
  let seen = versionsOf(files);
  let value = read();
  let lookedAt = now();
  let told: string | undefined;

  return (afresh, log) => {
    if (now() - lookedAt < (afresh ? LOOK_AFRESH_MS : LOOK_MS)) return value;
    lookedAt = now();
    const versions = versionsOf(files);
    if (versions === seen) return value;
    try {
      value = read();
      seen = versions;
      told = undefined;
      log(`${what} have changed and were read again`);
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) log(`${what} have changed and cannot be used, so the last good ones are kept: ${message}`);
      told = message;
    }
    return value;
  };
}

/** Throws an Error where the file cannot be read, or is larger than anything that belongs there. */
export function readSmallFile(path: string): string {
  if (statSync(path).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024} KiB`);
  return readFileSync(path, 'utf8');
}

/** What tells one content of the files from another, without reading them. */
function versionsOf(files: readonly string[]): string {
  return files.map(versionOf).join('\n');
}

function versionOf(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {};
  return `${ino} ${size} ${mtimeNs}`;
}
