/** A program that was read and checked, ready to be run for any server. */

import { nearestName } from '../../api/nearest-name.js';
import type { ProgramEvent, ProgramMap, TraceProgramSpec } from '../../api/trace-program.js';
import {
  BACKGROUND_METRICS,
  FILE_METRICS,
  OWN_METRICS,
  PROGRAM,
  PROGRAM_METRICS,
  QUERY_METRICS,
  TARGET_METRICS,
} from '../telemetry.js';
import { ProgramError } from './errors.js';
import type { KnownEvent } from './output/event.js';
import { formatOf } from './output/format.js';
import { type Aggregate, type CheckedSource, checkSource } from './source.js';

export interface Program {
  name: string;
  description: string;
  source: CheckedSource;
  minVersion: string;
  scope: 'target' | 'node';
  stringLength: number;
  arguments: TraceProgramSpec['arguments'];
  maps: ProgramMap[];
  events: KnownEvent[];
  /** The source alone: what its keys and lines mean is not known. */
  isBare: boolean;
}

/** Throws a ProgramError. `allowNode`: the administrator lets programs see every process. */
export function checkedProgram(name: string, spec: TraceProgramSpec, { allowNode = false } = {}): Program {
  if (spec.scope === 'node' && !allowNode)
    throw new ProgramError(`${name}: scope: node lets it see every process of the machine, which is not allowed here`);
  const source = checkedSource(name, spec.source, spec.scope);
  const events = spec.events.map((event) => knownEvent(event, source));
  const faults = [...spec.maps.flatMap((map) => mapFaults(map, source)), ...events.flatMap(eventFaults)];
  if (faults.length > 0) throw new ProgramError(faults.map((fault) => `${name}: ${fault}`).join('\n'));
  const { description, minVersion, scope, stringLength, maps } = spec;
  const common = { name, description, source, minVersion, scope, stringLength, maps, events };
  return { ...common, arguments: spec.arguments, isBare: false };
}

/** Of a source alone: its aggregating maps have metrics with names of their own. Throws a ProgramError. */
export function bareProgram(name: string, text: string): Program {
  const source = checkedSource(name, text, 'target');
  return {
    name,
    description: '',
    source,
    minVersion: '0.17',
    scope: 'target',
    stringLength: 64,
    arguments: [],
    maps: source.aggregates.map((aggregate) => bareMap(name, aggregate, source.readsText)),
    events: [],
    isBare: true,
  };
}

function checkedSource(name: string, text: string, scope: Program['scope']): CheckedSource {
  const checked = checkSource(text, scope);
  if ('text' in checked) return checked;
  throw new ProgramError(checked.refusals.map(({ line, reason }) => `${name}: line ${line}: ${reason}`).join('\n'));
}

const KINDS: Record<string, ProgramMap['kind']> = { hist: 'histogram', lhist: 'histogram', stats: 'histogram' };
const GAUGES = new Set(['avg', 'min', 'max']);

/** A key may be the text of a statement as soon as the program reads any text. */
function bareMap(program: string, { name, call, isKeyed }: Aggregate, readsText: boolean): ProgramMap {
  const kind = KINDS[call] ?? (GAUGES.has(call) ? 'gauge' : 'counter');
  const metric = ['pgscope.program', dotted(program), ...(name === '' ? [] : [dotted(name)])].join('.');
  const key = { name: PROGRAM.key.name, type: readsText ? ('query' as const) : ('string' as const) };
  return { name, metric, description: `@${name} of ${program}`, unit: '1', kind, scale: 1, keys: isKeyed ? [key] : [] };
}

function dotted(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

/** The formats that have a conversion for each field, of a number where it is one. */
function knownEvent(event: ProgramEvent, { formats }: CheckedSource): KnownEvent {
  const fitting = formats.map(formatOf).filter(({ conversions }) => {
    const isRight = (isInteger: boolean, index: number) => !isInteger || event.fields[index]?.type !== 'query';
    return (
      conversions.length === event.fields.length && conversions.every((one, index) => isRight(one.isInteger, index))
    );
  });
  return { ...event, formats: event.from === 'printf' ? fitting : [] };
}

function eventFaults({ name, from, fields, formats }: KnownEvent): string[] {
  if (from === 'print') return [];
  if (fields.slice(0, -1).some(({ type }) => type === 'query'))
    return [`events: ${name}: of a line of printf() the field of type query has to be the last one`];
  if (formats.length > 0) return [];
  return [`events: ${name}: no printf() of the source has ${fields.length} conversions, one for each field`];
}

const TAKEN = new Set(
  [QUERY_METRICS, BACKGROUND_METRICS, FILE_METRICS, TARGET_METRICS, OWN_METRICS, PROGRAM_METRICS].flatMap((metrics) =>
    Object.values(metrics).map(({ name }) => name),
  ),
);

function mapFaults({ name, metric, kind, keys }: ProgramMap, { aggregates, parts }: CheckedSource): string[] {
  const names = new Set(
    parts.probes.flatMap(({ block }) =>
      block.tokens.filter((token) => token.kind === 'map').map(({ text }) => text.slice(1)),
    ),
  );
  if (!names.has(name)) {
    const meant = nearestName(name, [...names]);
    return [`maps: there is no @${name} in the source${meant === undefined ? '' : `; did you mean ${meant}?`}`];
  }
  const faults = TAKEN.has(metric) ? [`maps: ${metric} is a metric of pgscope itself; give @${name} another name`] : [];
  const aggregate = aggregates.find((one) => one.name === name);
  if (aggregate === undefined) return faults;
  const isHistogram = Object.hasOwn(KINDS, aggregate.call);
  if (isHistogram !== (kind === 'histogram') && aggregate.call !== 'stats')
    faults.push(`maps: @${name} holds ${aggregate.call}(), which is no ${kind}`);
  if (aggregate.isKeyed !== keys.length > 0)
    faults.push(`maps: @${name} has ${aggregate.isKeyed ? 'keys, which the program does not name' : 'no keys'}`);
  return faults;
}
