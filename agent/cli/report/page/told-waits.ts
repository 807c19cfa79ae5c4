/** The waits that a statement's span tells, as parts of its time. */
import { SPAN } from '../../../telemetry.js';
import { classOf } from '../../load.js';
import type { SpanRecord } from '../otlp.js';
import { styleOf } from './class-style.js';

export interface Part {
  /** The class that colours it. */
  style: string;
  seconds: number;
}

/** `Lock:transactionid 12.3 ms (2), IO:WalSync 1.200 ms (1)`. */
const TOLD = /([A-Za-z]+):[^,]*? (\d+(?:\.\d+)?) ms \(\d+\)/g;

export function toldWaits({ attributes }: SpanRecord): Part[] {
  const text = String(attributes[SPAN.waits.name] ?? '');
  return Array.from(text.matchAll(TOLD), ([, type = '', ms]) => ({
    style: styleOf(classOf(type)),
    seconds: Number(ms) / 1000,
  }));
}

/** Parts of a statement's time, the last of which is what remains: as much of it as the waits explain is theirs. */
export function withWaits(parts: readonly Part[], waits: readonly Part[]): Part[] {
  const rest = parts.at(-1);
  if (rest === undefined) return [];
  let left = rest.seconds;
  const explained = waits.map(({ style, seconds }) => {
    const taken = Math.min(seconds, left);
    left -= taken;
    return { style, seconds: taken };
  });
  return [...parts.slice(0, -1), ...explained, { ...rest, seconds: left }].filter(({ seconds }) => seconds > 0);
}
