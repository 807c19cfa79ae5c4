/** The TraceProgram: its types, and the ways to read one. The door of api/trace-program/. */
import { check, type Fault, fieldName, sentences, unknownField } from './fault.js';
import { withoutUnknownFields } from './postgres-profile/lenient.js';
import type { Reading } from './reading.js';
import { type TraceProgramSpec, traceProgramSpec } from './trace-program/spec.js';
import { readYaml, type YamlObject } from './yaml-object.js';

export { argumentProblem, argumentWord, type ProgramArgument } from './trace-program/argument.js';
export type { ProgramEvent, ProgramKey, ProgramMap, TraceProgramSpec } from './trace-program/spec.js';

const API_VERSION = 'pgscope.dev/v1alpha1';
const KIND = 'TraceProgram';
const TOP_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec'];

/** Checks a spec as the API server does under fieldValidation=Strict: unknown fields are refused. Fills in the defaults. */
export function checkTraceProgramSpec(input: unknown): Reading<TraceProgramSpec> {
  const result = check(traceProgramSpec, input);
  if ('value' in result) return { ok: true, spec: result.value };
  return { ok: false, errors: sentences(result.faults, ({ path, text }) => `${fieldName('spec', path)}: ${text}`) };
}

/** Reads a spec that the API server has stored, perhaps for a newer version of us: unknown fields are ignored. Fills in the defaults. */
export function readTraceProgramSpec(input: unknown): Reading<TraceProgramSpec> {
  return checkTraceProgramSpec(withoutUnknownFields(traceProgramSpec, input));
}

export interface TraceProgramFile {
  /** Undefined: the file does not say. */
  name: string | undefined;
  spec: TraceProgramSpec;
}

/**
 * Reads the text of a TraceProgram's YAML file; errors name the line too. `source`: the program, where it lies in a file of its own and the
 * YAML has none.
 */
export function readTraceProgramFile(text: string, source?: string): TraceProgramFile | { errors: string[] } {
  const yaml = readYaml(text);
  if ('errors' in yaml) return yaml;
  const spec = withSource(yaml.value.spec, source);
  const faults = [...objectFaults(yaml.value), ...specFaults(spec)];
  if (faults.length > 0) return { errors: sentences(faults, (fault) => sentence(fault, yaml)) };
  const result = check(traceProgramSpec, spec);
  if (!('value' in result)) throw new Error('a spec without a fault has a value');
  const { name } = (yaml.value.metadata ?? {}) as { name?: unknown };
  return { name: typeof name === 'string' ? name : undefined, spec: result.value };
}

function withSource(spec: unknown, source: string | undefined): unknown {
  const takesIt = source !== undefined && typeof spec === 'object' && spec !== null && !('source' in spec);
  return takesIt ? { ...spec, source } : spec;
}

function specFaults(spec: unknown): Fault[] {
  if (spec === undefined || spec === null)
    return [{ path: ['spec'], text: 'is missing; write what the program is below it' }];
  const result = check(traceProgramSpec, spec);
  if ('value' in result) return [];
  return result.faults.map(({ path, text }) => ({ path: ['spec', ...path], text }));
}

function objectFaults(object: Record<string, unknown>): Fault[] {
  const faults: Fault[] = Object.keys(object)
    .filter((key) => !TOP_FIELDS.includes(key))
    .map((key) => ({ path: [key], text: unknownField(key, TOP_FIELDS) }));
  for (const [field, expected] of Object.entries({ apiVersion: API_VERSION, kind: KIND })) {
    const value = object[field];
    if (value === expected) continue;
    const problem = value === undefined ? 'is missing' : `${JSON.stringify(value)} is no TraceProgram`;
    faults.push({ path: [field], text: `${problem}; write ${field}: ${expected}` });
  }
  return faults;
}

function sentence({ path, text }: Fault, yaml: YamlObject): string {
  const line = yaml.lineOf(path);
  return `${fieldName('', path).replace(/^\./, '')}: ${text}${line === undefined ? '' : ` (line ${line})`}`;
}
