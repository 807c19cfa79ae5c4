/** Which bpftrace there is, and whether it is new enough. */

import { execa } from 'execa';
import { ProgramError } from '../errors.js';
import type { Program } from '../program.js';

const PATIENCE_MS = 10_000;

/** `0.17.0`. Rejects with a ProgramError where there is none that can be run. */
export async function bpftraceVersion(path: string): Promise<string> {
  const { stdout, failed, originalMessage } = await execa(path, ['--version'], {
    reject: false,
    timeout: PATIENCE_MS,
    maxBuffer: 4096,
  });
  const version = /\bv?(\d+\.\d+(?:\.\d+)?)/.exec(stdout ?? '')?.[1];
  if (!failed && version !== undefined) return version;
  throw new ProgramError(
    `bpftrace cannot be run as ${path}${originalMessage ? ` (${originalMessage})` : ''}; install it (apt install bpftrace), version 0.17 or newer`,
  );
}

/** Throws a ProgramError if the program needs a newer one. */
export function assertVersion({ name, minVersion }: Program, version: string): void {
  if (compare(version, minVersion) >= 0) return;
  throw new ProgramError(`${name}: needs bpftrace ${minVersion} or newer; here is ${version}`);
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
