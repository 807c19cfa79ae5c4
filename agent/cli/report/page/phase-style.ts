/** The CSS class that colours a phase; page/style.ts has the colours. */
import type { Phase } from '../../../tracer.js';

export function phaseStyle(phase: Phase): string {
  return `p-${phase}`;
}
