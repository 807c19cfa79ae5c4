/** What programs tell, on its way out: maps as metrics and events as log records of the server, losses as metrics of pgscope. */

import {
  type Attributes,
  type Exporter,
  exportLosses,
  gaugeMetric,
  keyValues,
  type Loss,
  numberPoint,
  ownMetrics,
  PROGRAM,
  PROGRAM_METRICS,
  type Resource,
  type Scope,
  snapshotPart,
} from '../telemetry.js';
import type { ProgramMetrics } from './metrics.js';
import { logRecord, type ToldEvent } from './output/event.js';
import type { Program } from './program.js';
import type { ProgramRun } from './run.js';

export interface ExportOptions {
  exporters: readonly Exporter[];
  /** Name and version of pgscope. */
  scope: Scope;
  /** Attributes of pgscope's own resource. */
  own: Attributes;
}

/** One program for one server. */
export interface ExportedRun {
  event(told: ToldEvent): void;
  /** The present values. */
  collect(run: Pick<ProgramRun, 'metrics' | 'state'>): void;
  /** The last values, and the ends of all series. */
  end(metrics: ProgramMetrics): void;
}

export interface ProgramExport {
  begin(program: Pick<Program, 'name' | 'description'>, server: { key: string; resource: Attributes }): ExportedRun;
  /** Losses of all programs, since the start. */
  collectOwn(losses: Readonly<Record<string, number>>): void;
  shutdown(deadlineMs: number): Promise<void>;
  /** Of the way out. */
  readonly losses: Loss[];
}

const MS = 1_000_000n;

export function createProgramExport({ exporters, scope, own }: ExportOptions): ProgramExport {
  const startUnixNano = BigInt(Date.now()) * MS;
  const ownResource = { attributes: keyValues(own) };
  let latest = startUnixNano;

  /** Never goes back, also if the clock does. */
  const nextTime = (): bigint => {
    const now = BigInt(Date.now()) * MS;
    latest = now > latest + 2n * MS ? now : latest + 2n * MS;
    return latest;
  };
  const lossesOnTheWay = (): Loss[] => exporters.flatMap((exporter) => exportLosses(exporter.totals()));

  return {
    begin({ name: program, description }, { key, resource: attributes }) {
      const resource: Resource = { attributes: keyValues(attributes) };
      const named = { [PROGRAM.name.name]: program, [PROGRAM.description.name]: description || undefined };
      const ofProgram: Scope = { ...scope, attributes: keyValues(named) };
      const begunUnixNano = nextTime();
      const snapshotKey = `program ${program} ${key}`;
      const running = (state: string | undefined, time: bigint) => {
        const value = state === undefined ? undefined : { asInt: state === 'Running' ? '1' : '0' };
        const point = numberPoint(keyValues({ [PROGRAM.name.name]: program }), undefined, time.toString(), value);
        return gaugeMetric(PROGRAM_METRICS.running, [point]);
      };
      const send = (metrics: ProgramMetrics, state: string | undefined, final: boolean): void => {
        const time = nextTime();
        const told = metrics.metrics({ startUnixNano: begunUnixNano, timeUnixNano: time }, final);
        const parts = [...told, running(state, time)].map((metric) => snapshotPart(resource, ofProgram, [metric]));
        for (const exporter of exporters) exporter.metrics({ key: snapshotKey, parts, final });
      };
      return {
        event: (told) => {
          const record = logRecord(program, told, BigInt(Date.now()) * MS);
          for (const exporter of exporters) exporter.log(resource, record);
        },
        collect: ({ metrics, state }) => send(metrics, state, false),
        end: (metrics) => {
          send(metrics, 'Stopped', false);
          send(metrics, undefined, true);
        },
      };
    },
    collectOwn(losses) {
      const ofPrograms = Object.entries(losses).map(([reason, count]) => ({
        stage: 'programs' as const,
        reason,
        count,
      }));
      const all = [...ofPrograms, ...lossesOnTheWay()].filter(({ count }) => count > 0);
      const state = { losses: all, unrecorded: {}, exporters: exporters.map((exporter) => exporter.totals()) };
      const part = snapshotPart(ownResource, scope, ownMetrics(state, startUnixNano, nextTime()));
      for (const exporter of exporters) exporter.metrics({ key: '', parts: [part], final: false });
    },
    async shutdown(deadlineMs) {
      await Promise.all(exporters.map((exporter) => exporter.shutdown(deadlineMs)));
    },
    get losses() {
      return lossesOnTheWay();
    },
  };
}
