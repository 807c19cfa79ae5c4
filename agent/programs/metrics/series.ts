/** The series of one map: what was told last for each set of attributes, and what was counted before the map began anew. */

import { type Attributes, type KeyValue, keyValues, POINT } from '../../telemetry.js';
import type { Sums } from '../output/entries.js';

export interface Series {
  attributes: KeyValue[];
  /** Counted before the map was cleared, or bpftrace was started again. */
  before: Sums;
  now: Sums;
  /** In what was told last. */
  isPresent: boolean;
}

/** How many series there may still be, of all maps of a program together. */
export interface Room {
  left: number;
}

export interface MapSeries {
  /** All that the map holds now. */
  update(told: readonly { attributes: Attributes; sums: Sums }[]): void;
  /** The map begins anew. */
  restarted(): void;
  readonly all: Iterable<Series>;
  /** Entries of the last update that had no series of their own. */
  readonly overflowed: number;
}

const NOTHING: Sums = { value: 0, count: 0, total: undefined, buckets: new Map() };
const OVERFLOW: Attributes = { [POINT.overflow.name]: true };

/** `isGauge`: values do not add up, of several for the same attributes the largest counts. */
export function createMapSeries(room: Room, isGauge: boolean): MapSeries {
  const all = new Map<string, Series>();
  const merge = isGauge ? larger : plus;
  let overflowed = 0;

  function admitted(attributes: Attributes, at: string): [string, Attributes] {
    if (all.has(at)) return [at, attributes];
    if (room.left > 0) {
      room.left -= 1;
      return [at, attributes];
    }
    overflowed += 1;
    return [JSON.stringify(OVERFLOW), OVERFLOW];
  }

  function put(at: string, attributes: Attributes, sums: Sums): void {
    const series = all.get(at) ?? { attributes: keyValues(attributes), before: NOTHING, now: NOTHING, isPresent: true };
    if (isLess(sums, series.now) && !isGauge) series.before = plus(series.before, series.now);
    Object.assign(series, { now: sums, isPresent: true });
    all.set(at, series);
  }

  return {
    update(told) {
      overflowed = 0;
      const merged = new Map<string, { attributes: Attributes; sums: Sums }>();
      for (const { attributes, sums } of told) {
        const [at, own] = admitted(attributes, JSON.stringify(attributes, inText));
        const other = merged.get(at);
        merged.set(at, { attributes: own, sums: other === undefined ? sums : merge(other.sums, sums) });
        if (!all.has(at)) put(at, own, NOTHING);
      }
      for (const [at, series] of all) {
        const one = merged.get(at);
        if (one === undefined) Object.assign(series, { ...begunAnew(series), isPresent: false });
        else put(at, one.attributes, one.sums);
      }
    },
    restarted() {
      for (const series of all.values()) Object.assign(series, begunAnew(series));
    },
    get all() {
      return all.values();
    },
    get overflowed() {
      return overflowed;
    },
  };
}

function inText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function begunAnew({ before, now }: Series): Pick<Series, 'before' | 'now'> {
  return { before: plus(before, now), now: NOTHING };
}

/** What never decreases is smaller than before: the map was cleared. */
function isLess(a: Sums, b: Sums): boolean {
  return a.value < b.value && b.count === 0 ? true : a.count < b.count;
}

export function plus(a: Sums, b: Sums): Sums {
  const buckets = new Map(a.buckets);
  for (const [bound, count] of b.buckets) buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  const total = a.total === undefined && b.total === undefined ? undefined : (a.total ?? 0) + (b.total ?? 0);
  return { value: a.value + b.value, count: a.count + b.count, total, buckets };
}

function larger(a: Sums, b: Sums): Sums {
  return a.value >= b.value ? a : b;
}
