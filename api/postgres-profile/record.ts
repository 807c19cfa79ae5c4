/** The profile that `record -f` takes: a PostgresProfile without its target part, since the command line says what to record. */
import type { z } from 'zod';
import { check, type Fault, fieldName, sentences, unknownField } from '../fault.js';
import type { Reading } from '../reading.js';
import { readYaml, type YamlObject } from '../yaml-object.js';
import { specFields } from './spec.js';

const API_VERSION = 'pgscope.dev/v1alpha1';
const KIND = 'PostgresProfile';
/** What `kubectl get -o yaml` shows; metadata and status are passed over. */
const TOP_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

const TAKES_TARGET = 'record takes its target from --pid or --data-directory; take this field out';
const REFUSED_FIELDS: Record<string, string> = {
  selector: TAKES_TARGET,
  podName: TAKES_TARGET,
  container: TAKES_TARGET,
  export: 'record exports where --otlp-endpoint or --otlp-file says; take this field out',
  programs: 'record runs no programs, pgscope run does; take this field out',
};

const recordFields = specFields.pick({
  duration: true,
  suspend: true,
  level: true,
  queryText: true,
  spans: true,
  metrics: true,
});

/** What `record` captures and for how long, with every default filled in; durations are text. */
export type RecordSpec = Omit<z.output<typeof recordFields>, 'suspend'>;

/** Reads the text of a profile's YAML file. Errors name the line too. */
export function readRecordProfile(text: string): Reading<RecordSpec> {
  const yaml = readYaml(text);
  if ('errors' in yaml) return { ok: false, errors: yaml.errors };
  const faults = objectFaults(yaml.value);
  const reading = faults.length > 0 ? { faults } : recordSpec(yaml.value.spec, ['spec']);
  if ('spec' in reading) return { ok: true, spec: reading.spec };
  return { ok: false, errors: sentences(reading.faults, (fault) => sentence(fault, yaml)) };
}

/**
 * Checks the settings of a recording and fills in the defaults; `{}` is right. `shownNames` are the names to show instead of a field's
 * own, such as `{'spec.spans.sampleRatio': '--sample-ratio'}` where a flag gave the value.
 */
export function checkRecordSpec(input: unknown, shownNames: Record<string, string> = {}): Reading<RecordSpec> {
  const reading = recordSpec(input, []);
  if ('spec' in reading) return { ok: true, spec: reading.spec };
  const shownName = (name: string) => shownNames[name] ?? name;
  return {
    ok: false,
    errors: sentences(reading.faults, ({ path, text }) => `${shownName(fieldName('spec', path))}: ${text}`),
  };
}

function recordSpec(input: unknown, root: string[]): { spec: RecordSpec } | { faults: Fault[] } {
  const { rest, faults } = withoutRefused(input);
  const result = check(recordFields, rest);
  if ('faults' in result) faults.push(...result.faults);
  if (faults.length > 0 || !('value' in result)) {
    return { faults: faults.map(({ path, text }) => ({ path: [...root, ...path], text })) };
  }
  const { suspend: _, ...spec } = result.value;
  return { spec };
}

/** Takes out the fields that have their own sentence, so that they are not called unknown. */
function withoutRefused(input: unknown): { rest: unknown; faults: Fault[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { rest: input, faults: [] };
  const rest: Record<string, unknown> = { ...input };
  const faults: Fault[] = [];
  for (const [field, text] of Object.entries(REFUSED_FIELDS)) {
    if (field in rest) faults.push({ path: [field], text });
    delete rest[field];
  }
  if (rest.suspend === true) {
    faults.push({ path: ['suspend'], text: 'true would record nothing; take this field out' });
  }
  return { rest, faults };
}

function objectFaults(object: Record<string, unknown>): Fault[] {
  const faults: Fault[] = Object.keys(object)
    .filter((key) => !TOP_FIELDS.includes(key))
    .map((key) => ({ path: [key], text: unknownField(key, TOP_FIELDS) }));
  for (const [field, expected] of [
    ['apiVersion', API_VERSION],
    ['kind', KIND],
  ] as const) {
    const value = object[field];
    if (value === expected) continue;
    const problem = value === undefined ? 'is missing' : `${JSON.stringify(value)} is not what record reads`;
    faults.push({ path: [field], text: `${problem}; write ${field}: ${expected}` });
  }
  if ((object.spec ?? undefined) === undefined) {
    faults.push({ path: ['spec'], text: 'is missing; write spec: {}, or settings such as level below it' });
  }
  return faults;
}

function sentence({ path, text }: Fault, yaml: YamlObject): string {
  const line = yaml.lineOf(path);
  return `${fieldName('', path).replace(/^\./, '')}: ${text}${line === undefined ? '' : ` (line ${line})`}`;
}
