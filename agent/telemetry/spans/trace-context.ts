/**
 * Reads the trace context that a client sent with its statement: W3C traceparent, in an SQL comment (sqlcommenter and the forms that
 * other tools write) or as application_name.
 */

import type { UpstreamContext } from '../../tracer/events.js';

export interface TraceContext {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?![0-9a-z_])/;
/** What stands between the key and the value in a comment: `='`, `=`, `:'`, `:`, with blanks. */
const SEPARATOR = /^\s*[=:]\s*\\?['"]?\s*/;

/** Undefined: no valid traceparent. */
export function parseUpstream(upstream: UpstreamContext): TraceContext | undefined {
  if (upstream.source === 'application_name') return parseTraceparent(upstream.value.trim());
  const value = decodePercent(upstream.value);
  const separator = SEPARATOR.exec(value);
  return separator === null ? undefined : parseTraceparent(value.slice(separator[0].length));
}

/**
 * A traceparent at the beginning of `text`; what stands behind it must not belong to it. W3C Trace Context, level 2: version ff and
 * ids of zeros are invalid, version 00 has exactly four fields, later versions may have more, which are ignored.
 */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = TRACEPARENT.exec(text);
  if (match === null) return undefined;
  const [whole, version, traceId, spanId, flags] = match as unknown as [string, string, string, string, string];
  if (version === 'ff' || (version === '00' && text.charAt(whole.length) === '-')) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** sqlcommenter encodes values like parts of a URL. Only ASCII can be meant here; anything else stays as it is. */
function decodePercent(text: string): string {
  return text.replace(/%([0-7][0-9a-fA-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
