/** The options that say which servers a command works on; `record` and `top` share them. */

import type { TargetSelection } from '../targets.js';
import { UsageError } from './command.js';

/** For parseArgs of node:util. */
export const targetOptions = {
  pid: { type: 'string', multiple: true },
  'data-directory': { type: 'string', multiple: true },
} as const;

export const TARGET_HELP = `  --pid PID              the server with this postmaster; may be repeated
  --data-directory DIR   the server of this data directory; may be repeated
                         (neither: every server on this host, also later ones)
`;

/** Throws a UsageError if a PID is no number. */
export function targetSelection(values: { pid?: string[]; 'data-directory'?: string[] }): TargetSelection {
  return { pids: (values.pid ?? []).map(pidOf), dataDirectories: values['data-directory'] ?? [] };
}

function pidOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(
    `--pid ${text}: not a process ID; give the number in the first line of the server's postmaster.pid`,
  );
}
