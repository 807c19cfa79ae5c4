/** A condition before it is stored: without the times and generations that storing adds. */
import type { Condition } from '../../api/condition.js';

export const CONDITION_TYPES = [
  'Ready',
  'Accepted',
  'TargetsResolved',
  'ProbesAttached',
  'Exporting',
  'ProgramsRunning',
  'Completed',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

export interface Finding {
  status: Condition['status'];
  /** One CamelCase word. */
  reason: string;
  message: string;
}

const MAX_MESSAGE = 2048;
const MOST_EXAMPLES = 3;

export function holds(reason: string, message: string): Finding {
  return { status: 'True', reason, message };
}

export function fails(reason: string, message: string): Finding {
  return { status: 'False', reason, message };
}

export function unknown(reason: string, message: string): Finding {
  return { status: 'Unknown', reason, message };
}

/** A finding as a stored condition; the time of the stored one before it stays while the status does. */
export function asCondition(
  type: ConditionType,
  { status, reason, message }: Finding,
  { before, generation, nowMs }: { before: Condition | undefined; generation: number; nowMs: number },
): Condition {
  return {
    type,
    status,
    observedGeneration: generation,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : wholeSeconds(nowMs),
    reason,
    message: shortened(message, MAX_MESSAGE),
  };
}

/** The first few of a list, and how many follow: `a; b; c; and 2 more`. */
export function examples(list: readonly string[], separator = '; '): string {
  const more = list.length - MOST_EXAMPLES;
  const shown = list.slice(0, MOST_EXAMPLES).map((text) => shortened(text, 500));
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** As Kubernetes writes its own times. */
function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
