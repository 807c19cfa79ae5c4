/** What the processes of a recording did with files: by kind of file and operation, with whose calls they were. */
import { FILE_METRICS, POINT } from '../../telemetry.js';
import { FILE_KINDS } from '../../waits.js';
import { add, EMPTY, type Histogram } from '../histogram.js';
import type { PointRecord } from './otlp.js';
import { type Increment, SeriesStore } from './series.js';

/** All calls of one operation on files of one kind, of all servers. */
export interface FileCalls {
  kind: string;
  operation: string;
  calls: number;
  errors: number;
  bytes: number;
  storageReadBytes: number;
  seconds: number;
  durations: Histogram;
  /** Seconds by type of process. */
  processes: Map<string, number>;
}

/** Any file may be read: PostgreSQL has 5 kinds, 6 operations and some 20 types of processes. */
const MAX_ENTRIES = 100;
const MAX_PROCESSES = 50;

const METRICS = new Set<string>(Object.values(FILE_METRICS).map(({ name }) => name));

export class FileStore {
  readonly #entries = new Map<string, FileCalls>();
  readonly #series = new SeriesStore();
  #leftOut = 0;

  /** Points that were left out because there were too many series. */
  get overflowed(): number {
    return this.#series.overflowed + this.#leftOut;
  }

  /** False if the point is none of files. */
  add(point: PointRecord): boolean {
    if (!METRICS.has(point.metric)) return false;
    const increment = this.#series.advance(point);
    if (increment === undefined) return true;
    const entry = this.#entry(point);
    if (entry === undefined) this.#leftOut++;
    else addTo(entry, point, increment);
    return true;
  }

  /** Kinds in their order, and of each what took longest first. */
  list(): FileCalls[] {
    const rank = ({ kind }: FileCalls) => {
      const at = (FILE_KINDS as readonly string[]).indexOf(kind);
      return at < 0 ? FILE_KINDS.length : at;
    };
    return [...this.#entries.values()].sort((a, b) => rank(a) - rank(b) || b.seconds - a.seconds);
  }

  #entry({ attributes }: PointRecord): FileCalls | undefined {
    const kind = String(attributes[POINT.fileKind.name] ?? 'unknown');
    const operation = String(attributes[POINT.fileOperation.name] ?? 'unknown');
    const key = `${kind}\n${operation}`;
    const known = this.#entries.get(key);
    if (known !== undefined || this.#entries.size >= MAX_ENTRIES) return known;
    const nothing = { calls: 0, errors: 0, bytes: 0, storageReadBytes: 0, seconds: 0, durations: EMPTY };
    const entry: FileCalls = { kind, operation, ...nothing, processes: new Map() };
    this.#entries.set(key, entry);
    return entry;
  }
}

function addTo(entry: FileCalls, { metric, attributes }: PointRecord, { value, buckets }: Increment): void {
  if (metric === FILE_METRICS.errors.name) entry.errors += value;
  else if (metric === FILE_METRICS.bytes.name) entry.bytes += value;
  else if (metric === FILE_METRICS.storageRead.name) entry.storageReadBytes += value;
  else {
    const process = String(attributes[POINT.backendType.name] ?? 'other');
    const { processes } = entry;
    if (processes.size < MAX_PROCESSES || processes.has(process))
      processes.set(process, (processes.get(process) ?? 0) + value);
    entry.seconds += value;
    entry.durations = add(entry.durations, buckets);
    entry.calls += buckets.counts.reduce((sum, count) => sum + count, buckets.zeroCount);
  }
}
