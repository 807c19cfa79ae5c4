/** The metrics of a program for one server: what its maps have told, as cumulative series. The door of agent/programs/metrics/. */

import type { ProgramMap } from '../../api/trace-program.js';
import type { Attributes, Metric } from '../telemetry.js';
import { mapMetric } from './metrics/points.js';
import { createMapSeries, type MapSeries, type Room } from './metrics/series.js';
import { attributesOf, cellsOf, type Disclose } from './output/cells.js';
import { type Entry, entriesOf } from './output/entries.js';
import type { Program } from './program.js';

export interface ProgramMetrics {
  /** All that a map holds. A map that the program does not declare is passed over. */
  update(name: string, content: unknown): void;
  /** bpftrace was started again. */
  restarted(): void;
  /** `ended`: the ends of all series. */
  metrics(times: { startUnixNano: bigint; timeUnixNano: bigint }, ended: boolean): Metric[];
  /** Entries whose keys could not be read, in all; entries without a series of their own, as of the last time. */
  readonly keysUnreadable: number;
  readonly seriesOverflow: number;
  /** Times that a map was told as full. */
  readonly mapsFull: number;
}

export interface MetricsOptions {
  disclose: Disclose;
  /** Series of all maps; default 1000. */
  maxSeries?: number;
  /** Entries that bpftrace keeps in a map. */
  maxEntries: number;
}

const MAX_SERIES = 1000;

export function createProgramMetrics({ maps, isBare }: Program, options: MetricsOptions): ProgramMetrics {
  const { disclose, maxSeries = MAX_SERIES, maxEntries } = options;
  const room: Room = { left: maxSeries };
  const series = new Map<string, { map: ProgramMap; series: MapSeries }>(
    maps.map((map) => [map.name, { map, series: createMapSeries(room, map.kind === 'gauge') }]),
  );
  let keysUnreadable = 0;
  let mapsFull = 0;

  /** The keys of a bare program are one text, whatever is in it. */
  const attributes = ({ keys }: ProgramMap, { key }: Entry): Attributes | undefined => {
    const cells = isBare && keys.length === 1 ? [key] : cellsOf(key, keys);
    return cells && attributesOf(keys, cells, disclose);
  };

  return {
    update(name, content) {
      const known = series.get(name);
      if (known === undefined) return;
      const entries = entriesOf(content, known.map.keys.length > 0);
      if (entries.length >= maxEntries) mapsFull += 1;
      known.series.update(
        entries.flatMap((entry) => {
          const own = attributes(known.map, entry);
          if (own !== undefined) return [{ attributes: own, sums: entry.sums }];
          keysUnreadable += 1;
          return [];
        }),
      );
    },
    restarted() {
      for (const { series: own } of series.values()) own.restarted();
    },
    metrics({ startUnixNano, timeUnixNano }, ended) {
      const times = { start: startUnixNano.toString(), time: timeUnixNano.toString() };
      return [...series.values()].flatMap(({ map, series: own }) => mapMetric(map, [...own.all], times, ended) ?? []);
    },
    get keysUnreadable() {
      return keysUnreadable;
    },
    get seriesOverflow() {
      return [...series.values()].reduce((sum, { series: own }) => sum + own.overflowed, 0);
    },
    get mapsFull() {
      return mapsFull;
    },
  };
}
