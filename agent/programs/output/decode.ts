/**
 * What bpftrace says with -f json, line by line. Versions 0.17 and newer: newer ones write numbers that a double cannot hold as text, and
 * count and data beside each other.
 */

export type Output =
  | { type: 'attached'; probes: number }
  | { type: 'map'; name: string; content: unknown }
  | { type: 'printf'; text: string }
  | { type: 'print'; value: unknown }
  | { type: 'lost'; events: number }
  | { type: 'helperError'; message: string }
  /** Nothing that matters, such as time(). */
  | { type: 'other' };

/** Undefined: it is no line of bpftrace. */
export function decodeOutput(line: string): Output | undefined {
  const object = parsed(line);
  if (object === undefined) return undefined;
  const { type, data } = object;
  switch (type) {
    case 'attached_probes':
      return { type: 'attached', probes: numberOf((data as { probes?: unknown } | undefined)?.probes) ?? 0 };
    case 'map':
    case 'hist':
    case 'stats':
      return mapOf(data);
    case 'printf':
      return { type: 'printf', text: String(data) };
    case 'value':
      return { type: 'print', value: data };
    case 'lost_events':
      return { type: 'lost', events: numberOf((data as { events?: unknown } | undefined)?.events) ?? 0 };
    case 'helper_error':
    case 'runtime_error':
      return { type: 'helperError', message: String(object.msg) };
    default:
      return typeof type === 'string' ? { type: 'other' } : undefined;
  }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function mapOf(data: unknown): Output | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const [entry] = Object.entries(data);
  return entry?.[0].startsWith('@') ? { type: 'map', name: entry[0].slice(1), content: entry[1] } : undefined;
}

/** A number, also one that is written as text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : undefined;
}
