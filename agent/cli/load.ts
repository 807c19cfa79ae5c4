/** Where time goes, by class: on a CPU, in the run queue, or waiting for something of one of PostgreSQL's kinds. */
import { type Wait, waitSeconds } from './waits.js';

/** In the order in which they are listed and stacked. */
export const LOAD_CLASSES = [
  'CPU',
  'run queue',
  'IO',
  'Lock',
  'LWLock',
  'IPC',
  'Client',
  'Timeout',
  'Kernel',
  'other',
] as const;

export type LoadClass = (typeof LOAD_CLASSES)[number];

/** Seconds of each class; divided by the seconds in which they were spent they are average active sessions. */
export type Load = Readonly<Record<LoadClass, number>>;

export interface MeasuredTime {
  cpuSeconds: number;
  runQueueSeconds: number;
  waits: readonly Wait[];
}

const CLASSES = new Set<string>(LOAD_CLASSES.slice(LOAD_CLASSES.indexOf('IO')));

/** The class of a wait event's type; BufferPin, Extension and what is summed up are `other`. */
export function classOf(waitType: string): LoadClass {
  return CLASSES.has(waitType) ? (waitType as LoadClass) : 'other';
}

export const NO_LOAD: Load = loadFrom(() => 0);

export function loadFrom(seconds: (each: LoadClass) => number): Load {
  return Object.fromEntries(LOAD_CLASSES.map((each) => [each, seconds(each)])) as Load;
}

export function loadOf({ cpuSeconds, runQueueSeconds, waits }: MeasuredTime): Load {
  const byClass = Map.groupBy(waits, ({ type }) => classOf(type));
  const load = loadFrom((each) => waitSeconds(byClass.get(each) ?? []));
  return { ...load, CPU: cpuSeconds, 'run queue': runQueueSeconds };
}

export function addLoad(left: Load, right: Load): Load {
  return loadFrom((each) => left[each] + right[each]);
}

export function sumLoads(loads: readonly Load[]): Load {
  return loads.reduce(addLoad, NO_LOAD);
}

export function scaleLoad(load: Load, factor: number): Load {
  return loadFrom((each) => load[each] * factor);
}

export function totalOf(load: Load): number {
  return LOAD_CLASSES.reduce((sum, each) => sum + load[each], 0);
}

/** Classes that have any time, each with its share of the whole; the shares add up to 1. */
export function sharesOf(load: Load): [loadClass: LoadClass, share: number][] {
  const total = totalOf(load);
  return LOAD_CLASSES.filter((each) => load[each] > 0).map((each) => [each, load[each] / total]);
}
