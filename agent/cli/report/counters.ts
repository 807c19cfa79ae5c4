/** Which counters of a query the report uses, and at which metric and attributes each is found. */
import { POINT, QUERY_METRICS } from '../../telemetry.js';
import { PHASES, type Phase } from '../../tracer.js';
import type { Attributes } from './otlp.js';

export type CounterName =
  | 'calls'
  | 'errors'
  | 'rows'
  | 'cpuSeconds'
  | 'runQueueSeconds'
  | `${Phase}Seconds`
  | 'blockReadSeconds'
  | 'blockWriteSeconds'
  | 'sharedHit'
  | 'sharedRead'
  | 'sharedDirtied'
  | 'sharedWritten'
  | 'localRead'
  | 'tempRead'
  | 'tempWritten'
  | 'storageReadBytes'
  | 'storageWriteBytes'
  | 'walRecords'
  | 'walBytes'
  | 'minorFaults'
  | 'majorFaults'
  | 'receivedBytes'
  | 'sentBytes';

export type Counters = Record<CounterName, number>;

/** The attributes that tell one metric's counters apart, in the order of the lists below. */
const TELLING = [
  POINT.phase.name,
  POINT.blockSource.name,
  POINT.blockOperation.name,
  POINT.diskDirection.name,
  POINT.networkDirection.name,
  POINT.faultType.name,
];

const { calls, errors, rows, cpuTime, runQueueTime, phaseTime, blocks, blockTime } = QUERY_METRICS;
const { storage, walRecords, walSize, faults, network } = QUERY_METRICS;

const COUNTER_AT = new Map<string, CounterName>([
  [at(calls.name), 'calls'],
  [at(errors.name), 'errors'],
  [at(rows.name), 'rows'],
  [at(cpuTime.name), 'cpuSeconds'],
  [at(runQueueTime.name), 'runQueueSeconds'],
  ...PHASES.map((phase): [string, CounterName] => [at(phaseTime.name, phase), `${phase}Seconds`]),
  [at(blockTime.name, 'read'), 'blockReadSeconds'],
  [at(blockTime.name, 'write'), 'blockWriteSeconds'],
  [at(blocks.name, 'shared', 'hit'), 'sharedHit'],
  [at(blocks.name, 'shared', 'read'), 'sharedRead'],
  [at(blocks.name, 'shared', 'dirtied'), 'sharedDirtied'],
  [at(blocks.name, 'shared', 'written'), 'sharedWritten'],
  [at(blocks.name, 'local', 'read'), 'localRead'],
  [at(blocks.name, 'temp', 'read'), 'tempRead'],
  [at(blocks.name, 'temp', 'written'), 'tempWritten'],
  [at(storage.name, 'read'), 'storageReadBytes'],
  [at(storage.name, 'write'), 'storageWriteBytes'],
  [at(walRecords.name), 'walRecords'],
  [at(walSize.name), 'walBytes'],
  [at(faults.name, 'minor'), 'minorFaults'],
  [at(faults.name, 'major'), 'majorFaults'],
  [at(network.name, 'receive'), 'receivedBytes'],
  [at(network.name, 'transmit'), 'sentBytes'],
]);

/** The counter that a point of this metric belongs to; undefined for one that the report does not show. */
export function counterOf(metric: string, attributes: Attributes): CounterName | undefined {
  const values = TELLING.flatMap((name) => (attributes[name] === undefined ? [] : [String(attributes[name])]));
  return COUNTER_AT.get(at(metric, ...values));
}

export function noCounters(): Counters {
  return Object.fromEntries([...COUNTER_AT.values()].map((name) => [name, 0])) as Counters;
}

function at(metric: string, ...values: string[]): string {
  return [metric, ...values].join('/');
}
