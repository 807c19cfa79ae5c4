/** A piece of the shop's work as a span, so that its queries carry a trace context. */
import { SpanKind, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('shop');

/**
 * @param {string} name such as `GET /product`
 * @param {() => Promise<void>} work
 * @param {SpanKind} [kind] default: a job that nobody outside waits for
 */
export async function inSpan(name, work, kind = SpanKind.INTERNAL) {
  await tracer.startActiveSpan(name, { kind }, async (span) => {
    try {
      await work();
    } finally {
      span.end();
    }
  });
}
