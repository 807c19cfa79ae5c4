/** The kinds of fields that custom resources are made of: names, durations, numbers, sets, maps. All are bounded. */
import { z } from 'zod';
import { DURATION_MAX_LENGTH, DURATION_PATTERN, durationNs, durationProblem } from './duration.js';
import { withRules } from './rule.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name of one part; `what` completes "cannot be …": `a container's name`. */
export function dnsLabel(what: string) {
  const error = `cannot be ${what}; use lower-case letters, digits and -, a letter or digit first and last`;
  return z.string().min(1).max(63).regex(DNS_LABEL, { error });
}

/** The name of most Kubernetes objects, parts with dots between them; `what` as in dnsLabel. */
export function objectName(what: string) {
  const error = `cannot be ${what}; use lower-case letters, digits, - and ., a letter or digit first and last`;
  return z.string().min(1).max(253).regex(DNS_SUBDOMAIN, { error });
}

export interface DurationField {
  shortest: string;
  longest: string;
  /** The unit that a remedy shows for a bare number. */
  unit: 'ms' | 's' | 'm';
}

/** A duration such as `100ms`, kept as the text that was written; api/duration.ts turns it into a number. */
export function duration({ shortest, longest, unit }: DurationField) {
  const problem = (input: unknown) => {
    if (typeof input === 'number') return durationProblem(String(input), unit);
    return typeof input === 'string' ? durationProblem(input, unit) : undefined;
  };
  const text = z
    .string({ error: ({ input }) => problem(input) })
    .min(2, { error: ({ input }) => problem(input), abort: true })
    .max(DURATION_MAX_LENGTH, { error: ({ input }) => problem(input), abort: true })
    .regex(DURATION_PATTERN, { error: ({ input }) => problem(input), abort: true });
  return withRules(text, {
    message: `is out of bounds; write a duration from ${shortest} to ${longest}`,
    holds: (value) => isWithin(value, shortest, longest),
    cel: `duration(self) >= duration('${shortest}') && duration(self) <= duration('${longest}')`,
  });
}

function isWithin(value: string, shortest: string, longest: string): boolean {
  if (durationProblem(value) !== undefined) return false;
  const ns = durationNs(value);
  return ns >= durationNs(shortest) && ns <= durationNs(longest);
}

/** A list in which each value stands at most once. */
export function setOf<Values extends readonly [string, ...string[]]>(values: Values) {
  return withRules(z.array(z.enum(values).describe('One of them.')).max(values.length), {
    message: 'lists a value twice; keep it once',
    holds: (list) => new Set(list).size === list.length,
    keywords: { 'x-kubernetes-list-type': 'set' },
  });
}

/** A list of objects, each known by the name it has in the field `key`. */
export function listByKey<Entry extends z.ZodObject>(entry: Entry, key: string & keyof Entry['shape'], most: number) {
  return withRules(z.array(entry).max(most), {
    message: `lists a ${key} twice; keep it once`,
    holds: (list) => new Set(list.map((item) => (item as Record<string, unknown>)[key])).size === list.length,
    keywords: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] },
  });
}

/** A point in time, RFC 3339, as the operator writes it. */
export function timestamp() {
  return withRules(z.string().max(35), {
    message: 'is no time; write for example 2026-03-01T12:00:00Z',
    holds: isTimestamp,
    keywords: { format: 'date-time' },
  });
}

function isTimestamp(text: string): boolean {
  const [, date] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  // JavaScript takes February 30 for March 2.
  return !Number.isNaN(Date.parse(text)) && new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) === date;
}

/** How many of something, as status tells it. */
export function count() {
  return z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ format: 'int64' });
}
