/** What Jaeger has stored, as its HTTP API tells it: the same that its web pages show. */

export interface JaegerSpan {
  traceId: string;
  spanId: string;
  name: string;
  service: string;
  /** Undefined: a root. */
  parentId: string | undefined;
  /** Links to other spans. */
  links: { traceId: string; spanId: string }[];
  /** Unix time, microseconds. */
  startUs: number;
  endUs: number;
  /** Attributes, kind (`span.kind`), status (`otel.status_code`, `error`) and scope (`otel.scope.…`). */
  tags: Record<string, unknown>;
  /** Attributes of the resource, but service.name. */
  resource: Record<string, unknown>;
  /** What Jaeger finds wrong: a parent that does not exist, for example. */
  warnings: string[];
}

export interface Dependency {
  parent: string;
  child: string;
  callCount: number;
}

export interface QueryApi {
  services(): Promise<string[]>;
  /** Names of the operations of a service. */
  operations(service: string): Promise<string[]>;
  /** All spans of all traces that have a span of this service (and these tags). */
  spans(service: string, tags?: Record<string, string>): Promise<JaegerSpan[]>;
  dependencies(): Promise<Dependency[]>;
}

interface Trace {
  traceID: string;
  spans: Span[];
  processes: Record<string, { serviceName: string; tags?: Tag[] }>;
}

interface Span {
  traceID: string;
  spanID: string;
  operationName: string;
  references?: { refType: 'CHILD_OF' | 'FOLLOWS_FROM'; traceID: string; spanID: string }[];
  startTime: number;
  duration: number;
  tags?: Tag[];
  processID: string;
  warnings?: string[] | null;
}

interface Tag {
  key: string;
  value: unknown;
}

const MAX_TRACES = 10_000;

/** `url`: of Jaeger's query service. */
export function queryApi(url: string): QueryApi {
  const get = async <Data>(path: string, query: Record<string, string> = {}): Promise<Data> => {
    const response = await fetch(`${url}/api/${path}?${new URLSearchParams(query)}`);
    if (!response.ok) throw new Error(`Jaeger answered ${response.status} to ${path}: ${await response.text()}`);
    return ((await response.json()) as { data: Data }).data;
  };
  return {
    services: async () => (await get<string[] | null>('services')) ?? [],
    operations: async (service) =>
      (await get<{ name: string }[]>('operations', { service })).map(({ name }) => name).sort(),
    spans: async (service, tags) => {
      const query = { service, limit: String(MAX_TRACES), ...(tags && { tags: JSON.stringify(tags) }) };
      const traces = await get<Trace[]>('traces', query);
      if (traces.length >= MAX_TRACES) throw new Error('there are more traces than this test can look at');
      return traces.flatMap(({ spans, processes }) => spans.map((span) => readSpan(span, processes)));
    },
    dependencies: async () => await get('dependencies', { endTs: String(Date.now() + 60_000), lookback: '3600000' }),
  };
}

function readSpan(span: Span, processes: Trace['processes']): JaegerSpan {
  const process = processes[span.processID];
  // A parent is a reference within the trace; links come as references, too.
  const references = span.references ?? [];
  const parent = references.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === span.traceID);
  return {
    traceId: span.traceID,
    spanId: span.spanID,
    name: span.operationName,
    service: process?.serviceName ?? '',
    parentId: parent?.spanID,
    links: references
      .filter((reference) => reference !== parent)
      .map(({ traceID, spanID }) => ({ traceId: traceID, spanId: spanID })),
    startUs: span.startTime,
    endUs: span.startTime + span.duration,
    tags: record(span.tags),
    resource: record(process?.tags),
    warnings: span.warnings ?? [],
  };
}

function record(tags: Tag[] = []): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
