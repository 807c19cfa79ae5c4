/** The ways of the signals out of an exporter: what is added is encoded, queued, and sent when it is time. */

import type { MetricsSnapshot } from '../metrics/snapshot.js';
import type { Encoding } from '../otlp/encoding.js';
import type { LogRecord, Resource, Scope, Span } from '../otlp/model.js';
import { createAccount, type SignalTotals } from './account.js';
import { type ExportLimits, MIB } from './limits.js';
import { createMetricsQueue, type QueuedMetrics, type Removed } from './metrics-queue.js';
import { createNotices, type Log } from './notices.js';
import type { Deliver } from './outcome.js';
import { createSender, type Outbox, type Sender } from './sender.js';
import { createSpanQueue, groupByResource, type QueuedSpan } from './span-queue.js';

export interface Destination {
  encoding: Encoding;
  deliver: Deliver;
  /** In messages: `OTLP traces to http://…`. */
  receiver: string;
}

type AddSpan = (resource: Resource, span: Span, failed: boolean) => void;
type AddLog = (resource: Resource, record: LogRecord) => void;
type AddItem = (resource: Resource, encoded: Uint8Array, failed: boolean) => void;
type AddMetrics = (snapshot: MetricsSnapshot) => void;

/** The way of one signal: its queue, its sender, its account. */
export interface Lane<Add> {
  add: Add;
  sender: Sender;
  totals(): SignalTotals;
}

interface Around {
  scope: Scope;
  log: Log;
}

export function tracesLane(around: Around, destination: Destination, limits: ExportLimits): Lane<AddSpan> {
  const { encoding } = destination;
  const items = { signal: 'traces', noun: 'spans', one: 'a span', request: encoding.tracesRequest } as const;
  const lane = itemsLane(around, destination, limits, items);
  return { ...lane, add: (resource, span, failed) => lane.add(resource, encoding.span(span), failed) };
}

/** Log records have a queue of the size of that of spans. */
export function logsLane(around: Around, destination: Destination, limits: ExportLimits): Lane<AddLog> {
  const { encoding } = destination;
  const items = { signal: 'logs', noun: 'log records', one: 'a log record', request: encoding.logsRequest } as const;
  const lane = itemsLane(around, destination, limits, items);
  return { ...lane, add: (resource, record) => lane.add(resource, encoding.logRecord(record), false) };
}

interface Items {
  signal: 'traces' | 'logs';
  /** In messages. */
  noun: string;
  one: string;
  request: Encoding['tracesRequest'];
}

function itemsLane(
  { scope, log }: Around,
  { deliver, receiver }: Destination,
  { spans, retry, delayMs }: ExportLimits,
  { signal, noun, one, request }: Items,
): Lane<AddItem> {
  const queue = createSpanQueue(spans);
  const account = createAccount(signal);
  const notices = createNotices(log, Date.now);
  const outbox: Outbox<QueuedSpan> = {
    take: queue.take,
    giveBack: queue.giveBack,
    settle: queue.settle,
    items: (batch) => batch.length,
    encode: (batch) => request(groupByResource(batch), scope),
    get batchReady() {
      return queue.batchReady;
    },
  };
  const sender = createSender({
    outbox,
    deliver,
    account,
    notices,
    retry,
    receiver,
    noun,
    delayMs,
    now: Date.now,
  });
  const add: AddItem = (resource, encoded, failed) => {
    const dropped = queue.push({ resource, encoded, failed });
    account.lost('queueFull', dropped);
    if (dropped > 0)
      notices.notice(
        'queueFull',
        `${receiver}: ${one} is lost: the queue is full (${spans.maxItems} ${noun}, ${spans.maxBytes / MIB} MiB)`,
      );
    sender.notify();
  };
  return { add, sender, totals: () => account.totals(queue) };
}

export function metricsLane(
  { log }: { log: Log },
  { encoding, deliver, receiver }: Destination,
  { metrics, retry }: ExportLimits,
): Lane<AddMetrics> {
  const queue = createMetricsQueue(metrics);
  const account = createAccount('metrics');
  const notices = createNotices(log, Date.now);
  let generation = 0;
  const removed = ({ superseded, dropped }: Removed): void => {
    account.superseded(superseded);
    account.lost('queueFull', dropped);
    if (dropped > 0)
      notices.notice(
        'queueFull',
        `${receiver}: ${dropped} data points are lost: the queue is full (${metrics.maxBytes / MIB} MiB)`,
      );
  };
  const outbox: Outbox<QueuedMetrics> = {
    take: queue.take,
    giveBack: (batch) => removed(queue.giveBack(batch)),
    settle: queue.settle,
    items: (batch) => batch.reduce((sum, { points }) => sum + points, 0),
    encode: (batch) => encoding.metricsRequest(batch.map(({ encoded }) => encoded)),
    batchReady: true,
  };
  const sender = createSender({
    outbox,
    deliver,
    account,
    notices,
    retry,
    receiver,
    noun: 'data points',
    delayMs: 0,
    now: Date.now,
  });
  const add: AddMetrics = ({ key, parts, final }) => {
    generation += 1;
    const queued = parts.map((part) => ({
      key,
      generation,
      final,
      encoded: encoding.resourceMetrics(part.metrics),
      points: part.points,
    }));
    removed(queue.push(queued));
    sender.notify();
  };
  return { add, sender, totals: () => account.totals(queue) };
}
