/** Which points tell where time went, and the sums of them: of a query, or of a type of background process. */
import { type MetricName, POINT, type QUERY_METRICS } from '../../telemetry.js';
import { classOf, LOAD_CLASSES, type Load, type LoadClass, loadOf } from '../load.js';
import type { Wait } from '../waits.js';
import type { PointRecord } from './otlp.js';
import type { Increment } from './series.js';

/** What a point counts: seconds of a class, or times that a process has waited. */
export interface TimePoint {
  loadClass: LoadClass;
  quantity: 'seconds' | 'count';
  /** Undefined for CPU and run queue. */
  wait: Pick<Wait, 'name' | 'type'> | undefined;
}

/** The metrics of queries, or their equals of background processes. */
export type TimeMetrics = Partial<Record<keyof typeof QUERY_METRICS, Pick<MetricName, 'name'>>>;

/** Undefined for a point that tells no time. */
export function timePointOf(metrics: TimeMetrics, { metric, attributes }: PointRecord): TimePoint | undefined {
  if (metric === metrics.cpuTime?.name) return { loadClass: 'CPU', quantity: 'seconds', wait: undefined };
  if (metric === metrics.runQueueTime?.name) return { loadClass: 'run queue', quantity: 'seconds', wait: undefined };
  const isTime = metric === metrics.waitTime?.name;
  if (!isTime && metric !== metrics.waits?.name) return undefined;
  const type = String(attributes[POINT.waitType.name] ?? 'unknown');
  const name = `${type}:${attributes[POINT.waitEvent.name] ?? 'unknown'}`;
  return { loadClass: classOf(type), quantity: isTime ? 'seconds' : 'count', wait: { name, type } };
}

/** Slots that a timeline needs for seconds by class, in the order of `LOAD_CLASSES`. */
export const LOAD_SLOTS = LOAD_CLASSES.length;

export function slotOf({ loadClass }: TimePoint): number {
  return LOAD_CLASSES.indexOf(loadClass);
}

export class TimeSums {
  cpuSeconds = 0;
  runQueueSeconds = 0;
  readonly #waits = new Map<string, Wait>();

  add({ loadClass, quantity, wait }: TimePoint, { value }: Increment): void {
    if (loadClass === 'CPU') this.cpuSeconds += value;
    else if (loadClass === 'run queue') this.runQueueSeconds += value;
    if (wait === undefined) return;
    const sum = this.#waits.get(wait.name) ?? { ...wait, count: 0, seconds: 0 };
    sum[quantity] += value;
    this.#waits.set(wait.name, sum);
  }

  /** Longest first. */
  get waits(): Wait[] {
    return [...this.#waits.values()].sort((a, b) => b.seconds - a.seconds);
  }

  get load(): Load {
    return loadOf(this);
  }
}
