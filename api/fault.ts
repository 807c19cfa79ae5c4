/** Faults of a checked object as sentences for people: the field, the value, what is wrong with it, what to write instead. */
import { z } from 'zod';
import { nearestName } from './nearest-name.js';
import { schemaAt } from './schema-path.js';

export interface Fault {
  /** Where it is, from the checked value down. */
  path: readonly PropertyKey[];
  /** What is wrong and what to write instead, with the value in front where it is short: `2 is more than 1; write …`. */
  text: string;
}

/** A mistaken file can have any number of faults; nobody reads more than these at once. */
const MOST_FAULTS = 20;

/** The faults as `sentence` words them; of more than 20 the first ones, and how many follow. */
export function sentences(faults: readonly Fault[], sentence: (fault: Fault) => string): string[] {
  const more = faults.length - MOST_FAULTS;
  return [...faults.slice(0, MOST_FAULTS).map(sentence), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** Checks `input`; the value with its defaults, or every fault that was found. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): { value: z.output<Schema> } | { faults: Fault[]; issues: z.core.$ZodIssue[] } {
  // Only what the schema itself says about a field keeps its message; the rest is worded below.
  const result = schema.safeParse(input, { error: () => '' });
  if (result.success) return { value: result.data };
  const { issues } = result.error;
  return { issues, faults: firstOfEachField(issues.flatMap((issue) => faultsOf(schema, input, issue))) };
}

/** `spec.programs[0].name` for a path below the field `root`. */
export function fieldName(root: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[A-Za-z_]\w*$/.test(String(step)) ? `.${String(step)}` : `[${shown(step)}]`;
  });
  return root + steps.join('');
}

/** What to say about a field that nobody knows, with the known one that was probably meant. */
export function unknownField(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `unknown field; the fields here are ${known.join(', ')}`
    : `unknown field; did you mean ${nearest}?`;
}

/** What is said first about a field is the plainest: `is a string`, before it is also called too long for a list. */
function firstOfEachField(faults: Fault[]): Fault[] {
  const first = new Map<string, Fault>();
  for (const fault of faults) {
    const field = fieldName('', fault.path);
    if (!first.has(field)) first.set(field, fault);
  }
  return [...first.values()];
}

function faultsOf(root: z.core.$ZodType, input: unknown, issue: z.core.$ZodIssue): Fault[] {
  const { path } = issue;
  const schema = schemaAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    return issue.keys.map((key) => ({ path: [...path, key], text: unknownField(key, known) }));
  }
  const value = valueAt(input, path);
  const problem = issue.message || standardProblem(issue, schema, value);
  return [{ path, text: isScalar(value) ? `${shown(value)} ${problem}` : problem }];
}

function standardProblem(issue: z.core.$ZodIssue, schema: z.core.$ZodType | undefined, value: unknown): string {
  const expected = schema === undefined ? 'another value' : expectation(schema);
  if (value === undefined) return `is missing; give ${expected}`;
  if (value === null) return `is no value; write ${expected}, or take the field out`;
  switch (issue.code) {
    case 'too_big':
      return typeof value === 'number'
        ? `is too large; write ${expected}`
        : sizeProblem(value, `at most ${issue.maximum}`);
    case 'too_small':
      return typeof value === 'number'
        ? `is too small; write ${expected}`
        : sizeProblem(value, `at least ${issue.minimum}`);
    case 'invalid_value': {
      const nearest = typeof value === 'string' && nearestName(value, issue.values.map(String));
      return nearest ? `is not ${expected}; did you mean ${nearest}?` : `is not ${expected}`;
    }
    default:
      return typeof value === 'number' && schema instanceof z.ZodString
        ? `is a number; write it in quotes: "${value}"`
        : `is ${kind(value, schema)}; write ${expected}`;
  }
}

function sizeProblem(value: unknown, limit: string): string {
  if (value === '') return 'is empty; write something, or take the field out';
  const [length, parts] = Array.isArray(value) ? [value.length, 'entries'] : [String(value).length, 'characters'];
  return `has ${length} ${parts}; write ${limit}`;
}

/** What belongs into a field, in words. */
function expectation(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue } = schema;
    return `a ${schema.isInt ? 'whole number' : 'number'} from ${minValue} to ${maxValue}`;
  }
  if (schema instanceof z.ZodBoolean) return 'true or false, without quotes';
  if (schema instanceof z.ZodString) return 'a string';
  if (schema instanceof z.ZodArray) return 'a list';
  return 'a map of fields';
}

/** What a value is that is of the wrong type. */
function kind(value: unknown, schema: z.core.$ZodType | undefined): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number' && schema instanceof z.ZodNumber)
    return Number.isFinite(value) ? 'not whole' : 'not finite';
  return `a ${typeof value}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input);
}

function isScalar(value: unknown): boolean {
  return value !== undefined && (value === null || typeof value !== 'object');
}

/** A value as a sentence shows it: as JSON, cut after 60 characters. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
