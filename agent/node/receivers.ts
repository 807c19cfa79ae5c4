/** A receiver for each destination: telemetry with its own exporter, so that what one destination gets, loses or holds up is its own. */

import { packageVersion } from '../package.js';
import { createProgramExport, type ProgramExport } from '../programs.js';
import { createOtlpExporter, createTelemetry, type Loss, ownResource, type Telemetry, thisHost } from '../telemetry.js';
import type { Destinations } from './destinations.js';

export interface Receiver {
  name: string;
  telemetry: Telemetry;
  /** Of trace programs, by the same exporter: it ends with `telemetry`. */
  programs: ProgramExport;
  /** Signals that it has an endpoint for. */
  takes: { metrics: boolean; logs: boolean };
  /** Why nothing can be sent there; undefined if it can. */
  fault: string | undefined;
}

export type Receivers = ReadonlyMap<string, Receiver>;

export interface ReceiversOptions {
  destinations: Destinations;
  nodeName: string;
  /** What programs have lost on their way to a destination. */
  programLosses(destination: string): Loss[];
  onLog(line: string): void;
}

/** A faulty destination has a receiver, too: what goes there goes nowhere, and its fault is told. */
export function openReceivers({ destinations, nodeName, programLosses, onLog }: ReceiversOptions): Receivers {
  const scope = { name: 'pgscope', version: packageVersion() };
  const host = { ...thisHost(), hostName: nodeName };
  return new Map(
    Array.from(destinations, ([name, destination]) => {
      const fault = 'fault' in destination ? destination.fault : undefined;
      if (fault !== undefined) onLog(`destination ${fault}`);
      const log = (line: string) => onLog(`destination ${name}: ${line}`);
      const exporters = 'settings' in destination ? [createOtlpExporter(destination.settings, scope, log)] : [];
      const resource = ownResource(scope.version, host, `/${name}`);
      const otherLosses = () => programLosses(name);
      const telemetry = createTelemetry({ exporters, scope, resource, otherLosses });
      const programs = createProgramExport({ exporters, scope, own: resource });
      const settings = 'settings' in destination ? destination.settings : undefined;
      const takes = { metrics: settings?.metrics !== undefined, logs: settings?.logs !== undefined };
      return [name, { name, fault, telemetry, programs, takes }];
    }),
  );
}
