/** Says what was measured, as docs/cost.md has it. */
import { type Memory, memoryOf } from '../bench/processor.js';

/** At once: jest shows what a test says to the console only when it has ended, and these take long. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function memoryText(pid: number): string {
  const { residentBytes, peakBytes }: Memory = memoryOf(pid);
  return `${megabytes(residentBytes)} MB (peak ${megabytes(peakBytes)})`;
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
