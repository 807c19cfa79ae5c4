/** Events of a trace program: of each kind how many, and those that tell most: the slowest where they have a duration, else the last ones. */
import type { Attributes, EventRecord } from './otlp.js';

export interface ToldEvent {
  timeNs: bigint;
  attributes: Attributes;
}

export interface ProgramEvents {
  /** `pgscope.program.write`. */
  name: string;
  count: number;
  /** The field that they are sorted by; undefined: the last ones, by their time. */
  durationField: string | undefined;
  events: ToldEvent[];
}

export const MAX_EVENTS = 15;
/** Kinds of events; a program has a few. */
const MAX_NAMES = 20;

export class EventList {
  readonly #kinds = new Map<string, ProgramEvents>();
  /** Events of further kinds. */
  leftOut = 0;

  add({ name, timeNs, attributes }: EventRecord): void {
    const known = this.#kinds.get(name);
    if (known === undefined && this.#kinds.size >= MAX_NAMES) {
      this.leftOut++;
      return;
    }
    const kind = known ?? { name, count: 0, durationField: durationFieldOf(attributes), events: [] };
    this.#kinds.set(name, kind);
    kind.count++;
    kind.events.push({ timeNs, attributes });
    kind.events.sort((a, b) => weightOf(b, kind) - weightOf(a, kind));
    kind.events.splice(MAX_EVENTS);
  }

  list(): ProgramEvents[] {
    return [...this.#kinds.values()];
  }
}

const SECONDS_IN: Record<string, number> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };

/** `pgscope.duration_us`, `latency_ns`: a number whose name ends in its unit of time. Undefined for any other. */
export function secondsOf(field: string, value: unknown): number | undefined {
  const unit = /_(ns|us|ms|s)$/.exec(field)?.[1];
  return unit === undefined || typeof value !== 'number' ? undefined : value * (SECONDS_IN[unit] ?? 1);
}

function durationFieldOf(attributes: Attributes): string | undefined {
  return Object.entries(attributes).find(([field, value]) => secondsOf(field, value) !== undefined)?.[0];
}

function weightOf({ timeNs, attributes }: ToldEvent, { durationField }: ProgramEvents): number {
  return durationField === undefined ? Number(timeNs) : (secondsOf(durationField, attributes[durationField]) ?? 0);
}
