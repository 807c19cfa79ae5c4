/** A receiver for each destination: telemetry with its own exporter, so that what one destination gets, loses or holds up is its own. */

import { packageVersion } from '../package.js';
import { createOtlpExporter, createTelemetry, ownResource, type Telemetry, thisHost } from '../telemetry.js';
import type { Destinations } from './destinations.js';

export interface Receiver {
  name: string;
  telemetry: Telemetry;
  /** Why nothing can be sent there; undefined if it can. */
  fault: string | undefined;
}

export type Receivers = ReadonlyMap<string, Receiver>;

/** A faulty destination has a receiver, too: what goes there goes nowhere, and its fault is told. */
export function openReceivers(destinations: Destinations, nodeName: string, onLog: (line: string) => void): Receivers {
  const scope = { name: 'pgscope', version: packageVersion() };
  const host = { ...thisHost(), hostName: nodeName };
  return new Map(
    Array.from(destinations, ([name, destination]) => {
      const fault = 'fault' in destination ? destination.fault : undefined;
      if (fault !== undefined) onLog(`destination ${fault}`);
      const log = (line: string) => onLog(`destination ${name}: ${line}`);
      const exporters = 'settings' in destination ? [createOtlpExporter(destination.settings, scope, log)] : [];
      const resource = ownResource(scope.version, host, `/${name}`);
      return [name, { name, fault, telemetry: createTelemetry({ exporters, scope, resource }) }];
    }),
  );
}
