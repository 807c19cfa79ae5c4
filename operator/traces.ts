/** Traces of the operator itself, one span for each reconcile. The SDK is loaded only where there is a place to send them: it costs 44 MB. */
import type { Requeue } from './controller.js';
import type { Log } from './log.js';

export interface ReconcileSpan {
  controller: string;
  /** `namespace/name` or `name`. */
  key: string;
}

export interface Traces {
  /** Runs within a span; gives and throws what `run` does. */
  reconcile(span: ReconcileSpan, run: () => Promise<Requeue | undefined>): Promise<Requeue | undefined>;
  /** Sends what there is, within a few seconds. */
  shutdown(): Promise<void>;
}

/** The name of a reconcile's span. */
export function spanName(controller: string): string {
  return `reconcile ${controller}`;
}

const NO_TRACES: Traces = { reconcile: (_span, run) => run(), shutdown: async () => {} };

const SHUTDOWN_LIMIT_MS = 5_000;

/** The variables of OpenTelemetry decide where spans go, how, and which of them. */
export async function startTraces(env: NodeJS.ProcessEnv, log: Pick<Log, 'info' | 'warn'>): Promise<Traces> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true') return NO_TRACES;
  const [{ NodeSDK }, { diag, DiagLogLevel, trace, SpanStatusCode }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/api'),
  ]);
  // Without it the SDK keeps to itself that a receiver refuses what is sent.
  if (!env.OTEL_LOG_LEVEL) {
    const say = (text: string) => log.warn(complaint(text));
    diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
  }
  // Metrics have a page of their own, logs go to stderr.
  const sdk = new NodeSDK({
    ...(!env.OTEL_SERVICE_NAME && { serviceName: 'pgscope-operator' }),
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  log.info(`sends its own traces to ${withoutSecrets(endpoint)}`);
  const tracer = trace.getTracer('pgscope-operator');

  return {
    reconcile: ({ controller, key }, run) =>
      tracer.startActiveSpan(spanName(controller), async (span) => {
        const [name = key, namespace] = key.split('/').reverse();
        span.setAttributes({ 'pgscope.controller': controller, 'k8s.object.name': name });
        if (namespace !== undefined) span.setAttribute('k8s.namespace.name', namespace);
        try {
          const requeue = await run();
          span.setAttribute('pgscope.result', requeue === undefined ? 'success' : 'requeue_after');
          if (requeue !== undefined) span.setAttribute('pgscope.requeue_after_ms', requeue.afterMs);
          return requeue;
        } catch (error) {
          span.setAttribute('pgscope.result', 'error');
          span.setStatus({ code: SpanStatusCode.ERROR, message: String((error as Error).message) });
          throw error;
        } finally {
          span.end();
        }
      }),
    async shutdown() {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, SHUTDOWN_LIMIT_MS);
      await Promise.race([
        sdk.shutdown().catch((error: Error) => log.warn(`traces were lost: ${error.message}`)),
        limit.promise,
      ]);
      clearTimeout(timer);
    },
  };
}

/** What the SDK complains of, in a sentence: of an error of the receiver it has a JSON object. */
function complaint(text: string): string {
  try {
    const { message, code } = JSON.parse(text);
    return `its own traces are not taken: ${[message, code].filter(Boolean).join(', ')}`;
  } catch {
    return `its own traces: ${text}`;
  }
}

/** An endpoint can have a password in it. */
function withoutSecrets(endpoint: string): string {
  const url = URL.parse(endpoint);
  return url === null ? 'an endpoint that is no URL' : `${url.origin}${url.pathname}`;
}
