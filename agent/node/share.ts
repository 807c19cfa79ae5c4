/** One stream's share of the statements that the tracer records for all streams of a server together. */

import type { CaptureReason, NestedStatement, StatementEvent } from '../tracer.js';
import type { SpanSettings } from './merge.js';

export interface Share {
  /** The record as this stream would have got it alone; undefined: it would not have, or not so many in a second. */
  take(event: StatementEvent): StatementEvent | undefined;
}

export interface ShareOptions {
  asked: SpanSettings;
  /** What the tracer has been told: `asked` of all streams together. */
  together: SpanSettings;
  /** A record above `asked.maxPerSecond` was dropped. */
  onLimited(): void;
  /** 0 to 1; default Math.random. */
  random?: () => number;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

/** As in the tracer: how much of a second's tokens a record of this reason may use up in advance (bpf/record.bpf.h). */
const AHEAD: Record<CaptureReason, number> = { failed: 1, slow: 7 / 8, traced: 3 / 4, sampled: 1 / 2 };

export function createShare(options: ShareOptions): Share {
  const { asked, together, onLimited, random = Math.random, now = () => performance.now() } = options;
  let nextTokenMs = 0;

  function hasToken(reason: CaptureReason): boolean {
    if (asked.maxPerSecond >= together.maxPerSecond) return true;
    if (asked.maxPerSecond === 0) return false;
    const tokenMs = 1000 / asked.maxPerSecond;
    const next = Math.max(nextTokenMs, now()) + tokenMs;
    if (next - now() > Math.max(AHEAD[reason] * 1000, tokenMs)) return false;
    nextTokenMs = next;
    return true;
  }

  /** In the tracer's order: failed before slow before traced before sampled. */
  function reasonOf(event: StatementEvent, isTraced: boolean): CaptureReason | undefined {
    const failed = event.reason === 'failed';
    if (failed && asked.errors) return 'failed';
    if (!failed && event.durationNs >= asked.minDurationNs) return 'slow';
    if (isTraced) return 'traced';
    // Those that were drawn for all streams are drawn once more; the others come without a draw.
    const ratio = event.reason === 'sampled' ? asked.sampleRatio / together.sampleRatio : asked.sampleRatio;
    return random() < ratio ? 'sampled' : undefined;
  }

  return {
    take(event) {
      const { traceContext, nested, nestedUntold, ...rest } = event;
      const context = traceContext && asked.traceContext.includes(traceContext.source) ? traceContext : undefined;
      const reason = reasonOf(event, context !== undefined);
      if (reason === undefined) return undefined;
      if (!hasToken(reason)) {
        onLimited();
        return undefined;
      }
      const longWaits = rest.longWaits?.filter(({ waitNs }) => waitNs >= asked.minWaitNs);
      const below = asked.nestedDepth === 0 ? {} : nestedDownTo(asked.nestedDepth, { nested, nestedUntold });
      const own = { ...rest, reason, ...(longWaits && { longWaits }), ...below };
      return context === undefined ? own : { ...own, traceContext: context };
    },
  };
}

type Nested = { [Field in 'nested' | 'nestedUntold']: StatementEvent[Field] | undefined };

/** Those of this depth or less; `parent` is the index among them. Parents are less deep than their children, so none is missing. */
function nestedDownTo(depth: number, { nested, nestedUntold }: Nested): Pick<StatementEvent, keyof Nested> {
  const indices = new Map<number, number>();
  const kept = nested?.flatMap(({ parent, ...each }, index): NestedStatement[] => {
    if (each.depth > depth) return [];
    indices.set(index, indices.size);
    const above = parent === undefined ? undefined : indices.get(parent);
    return [above === undefined ? each : { ...each, parent: above }];
  });
  return { ...(kept && { nested: kept }), ...(nestedUntold && { nestedUntold }) };
}
