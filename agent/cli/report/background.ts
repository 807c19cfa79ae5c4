/** What the background processes of a recording did, by type and server. */
import { BACKGROUND_METRICS, POINT } from '../../telemetry.js';
import { type Load, totalOf } from '../load.js';
import type { Wait } from '../waits.js';
import { BYTE_KINDS, byteKindOf, byteSlot } from './bytes.js';
import type { PointRecord, Resource } from './otlp.js';
import { type Increment, SeriesStore } from './series.js';
import { LOAD_SLOTS, slotOf, TimeSums, timePointOf } from './time-points.js';
import type { Clock, Timeline } from './timeline.js';

/** PostgreSQL has about 20 types; a file may hold many servers, and many tables that autovacuum works on. */
const MAX_ENTRIES = 500;

export interface Background {
  server: Resource;
  /** `checkpointer`. */
  backendType: string;
  /** What an autovacuum worker did to which table: `VACUUM public.accounts`. */
  work: string | undefined;
  load: Load;
  waits: Wait[];
  /** As the kernel counts them. */
  readBytes: number;
  writtenBytes: number;
  walBytes: number;
  /** Seconds by class, in the order of `LOAD_CLASSES`, and behind them bytes. */
  timeline: Timeline;
}

/** The first slot for bytes in a timeline. */
export const BYTES_SLOT = LOAD_SLOTS;

interface Entry extends Omit<Background, 'load' | 'waits'> {
  time: TimeSums;
}

export class BackgroundStore {
  readonly #entries = new Map<string, Entry>();
  readonly #series = new SeriesStore();
  readonly #clock: Clock;
  /** The period that was recorded, Unix seconds. */
  firstSeconds = Number.POSITIVE_INFINITY;
  lastSeconds = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Points that were left out because there were too many series. */
  get overflowed(): number {
    return this.#series.overflowed;
  }

  /** False if the point is none of a background process. */
  add(point: PointRecord): boolean {
    if (point.attributes[POINT.backendType.name] === undefined) return false;
    const increment = this.#series.advance(point);
    const entry = increment === undefined ? undefined : this.#entry(point);
    if (increment === undefined || entry === undefined) return true;
    const time = timePointOf(BACKGROUND_METRICS, point);
    if (time === undefined) {
      addBytes(entry, point, increment);
      return true;
    }
    entry.time.add(time, increment);
    const { fromSeconds, toSeconds, value } = increment;
    this.firstSeconds = Math.min(this.firstSeconds, fromSeconds);
    this.lastSeconds = Math.max(this.lastSeconds, toSeconds);
    if (time.quantity === 'seconds') entry.timeline.add(fromSeconds, toSeconds, [[slotOf(time), value]]);
    return true;
  }

  /** The busiest first. */
  list(): Background[] {
    return [...this.#entries.values()]
      .map(({ time, ...entry }) => ({ ...entry, load: time.load, waits: time.waits }))
      .sort((a, b) => totalOf(b.load) - totalOf(a.load));
  }

  #entry({ resource, attributes }: PointRecord): Entry | undefined {
    const backendType = String(attributes[POINT.backendType.name]);
    const told = attributes[POINT.work.name];
    const keyOf = (work: string) => [resource.key, backendType, work].join('\n');
    const known = this.#entries.get(keyOf(String(told ?? '')));
    if (known !== undefined) return known;
    // Tables beyond the limit are told by their process alone.
    const work = told === undefined || this.#entries.size >= MAX_ENTRIES ? undefined : String(told);
    const key = keyOf(work ?? '');
    const present = this.#entries.get(key);
    if (present !== undefined || this.#entries.size >= 2 * MAX_ENTRIES) return present;
    const nothing = { readBytes: 0, writtenBytes: 0, walBytes: 0 };
    const timeline = this.#clock.timeline(LOAD_SLOTS + BYTE_KINDS.length);
    const entry: Entry = { server: resource, backendType, work, ...nothing, time: new TimeSums(), timeline };
    this.#entries.set(key, entry);
    return entry;
  }
}

function addBytes(entry: Entry, point: PointRecord, { value, fromSeconds, toSeconds }: Increment): void {
  const kind = byteKindOf(BACKGROUND_METRICS, point);
  if (kind === undefined) return;
  entry.timeline.add(fromSeconds, toSeconds, [[BYTES_SLOT + byteSlot(kind), value]]);
  if (kind === 'WAL') entry.walBytes += value;
  else if (kind === 'read') entry.readBytes += value;
  else entry.writtenBytes += value;
}
