/** The spec of a TraceProgram: a bpftrace source, the arguments that it takes, and what its maps and lines mean. */
import { z } from 'zod';
import { listByKey } from '../field-types.js';
import { withRules } from '../rule.js';
import { programArgument } from './argument.js';

const MAX_SOURCE_CHARACTERS = 65_536;

/** A part of a name as OpenTelemetry's attributes and metrics have them. */
const DOTTED_NAME = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/;

function dottedName(what: string) {
  const error = `cannot be ${what}; write lower-case words with _ and . between them, such as pgscope.io.size`;
  return z.string().min(1).max(127).regex(DOTTED_NAME, { error });
}

const unit = z
  .string()
  .max(63)
  .default('1')
  .describe('Unit of the exported values, in UCUM: s, By, {call}; 1 for a plain number.');

const TYPES = ['string', 'integer', 'query'] as const;
const TYPES_IN_WORDS =
  'string: text. integer: a whole number. query: the text of a statement, of which is shown what queryText of the profile allows.';

interface Typed {
  type: string;
}

/** Only so can it be told which part of what bpftrace prints is the text of a statement. */
const ONE_QUERY = {
  message: 'has more than one of type query; keep one',
  holds: (list: Typed[]) => list.filter(({ type }) => type === 'query').length <= 1,
  cel: "self.filter(one, one.type == 'query').size() <= 1",
};

const key = z.strictObject({
  name: dottedName('the name of an attribute').describe(
    'Name of the attribute that the key becomes. A key of type query becomes db.query.summary and db.query.text.',
  ),
  type: z.enum(TYPES).describe(TYPES_IN_WORDS),
});

const map = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "cannot be a map's name; write it as in the source, without the @" })
    .describe('Name of the map in the source, without the @.'),
  metric: dottedName('the name of a metric').describe('Name of the metric, such as pgscope.write.duration.'),
  description: z.string().max(1024).default('').describe('What it measures.'),
  unit,
  kind: z
    .enum(['counter', 'gauge', 'histogram'])
    .describe(
      'What the values are. counter: they only grow, as with count() and sum(). gauge: they go up and down, as with avg(), min() and max(). ' +
        'histogram: hist(), lhist() and stats().',
    ),
  // A minimum between 0 and 1 is none to the API server, which rounds it for a whole number.
  scale: withRules(z.number().min(0).max(1e12), {
    message: 'is not above 0; write for example 0.000001',
    holds: (value) => value > 0,
    cel: 'self > 0.0',
  })
    .default(1)
    .describe('What a value is multiplied by to be in this unit, such as 0.000000001 from nanoseconds to s.'),
  keys: withRules(listByKey(key.describe('One key.'), 'name', 6), ONE_QUERY)
    .default([])
    .describe('The keys of the map, in their order; none for a map without keys.'),
});

const field = z.strictObject({
  name: dottedName('the name of an attribute').describe(
    'Name of the attribute. A field of type query becomes db.query.summary and db.query.text.',
  ),
  type: z.enum(TYPES).describe(TYPES_IN_WORDS),
});

const event = z.strictObject({
  name: dottedName('the name of an event').describe('Name of the event, such as pgscope.write.'),
  from: z
    .enum(['print', 'printf'])
    .default('print')
    .describe(
      'Which statement of the source tells it: print((a, b, c)) with a field for each, or printf() of one line with a field for each of its ' +
        'conversions, that of type query last.',
    ),
  fields: withRules(listByKey(field.describe('One field.'), 'name', 16), ONE_QUERY).describe(
    'The fields, in their order. What has other ones is none of this event.',
  ),
});

/** The schema of a TraceProgram's spec. */
export const traceProgramSpec = z
  .strictObject({
    description: z.string().max(1024).default('').describe('What it shows, in a sentence or two.'),
    source: z
      .string()
      .min(1)
      .max(MAX_SOURCE_CHARACTERS)
      .describe(
        'The program, in the language of bpftrace. Every probe but BEGIN, END and interval has PGSCOPE_TARGET in its predicate.',
      ),
    minVersion: z
      .string()
      .max(15)
      .regex(/^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?$/, { error: 'is no version of bpftrace; write for example 0.17' })
      .default('0.17')
      .describe('The oldest version of bpftrace that runs it.'),
    scope: z
      .enum(['target', 'node'])
      .default('target')
      .describe(
        'What it may see. target: the processes of the PostgreSQL server that it runs for. node: every process of the machine, only where the ' +
          'administrator allows that.',
      ),
    stringLength: z
      .number()
      .int()
      .min(16)
      .max(200)
      .default(64)
      .describe(
        'Bytes that str() reads at most, with the zero at the end; more of them need more of the 512 bytes of stack.',
      ),
    arguments: listByKey(programArgument.describe('One argument.'), 'name', 8)
      .default([])
      .describe('What can be set for a run: $2 in the source is the first one; $1 is the PID of the postmaster.'),
    maps: listByKey(map.describe('One map.'), 'name', 16)
      .default([])
      .describe('The maps that become metrics. All others are the own business of the program.'),
    events: listByKey(event.describe('One kind of event.'), 'name', 8)
      .default([])
      .describe('What print() and printf() tell, as log records. Any other line is not exported.'),
  })
  .describe('The program, and what it tells.');

/** A spec with every default filled in. */
export type TraceProgramSpec = z.output<typeof traceProgramSpec>;
export type ProgramMap = TraceProgramSpec['maps'][number];
export type ProgramKey = ProgramMap['keys'][number];
export type ProgramEvent = TraceProgramSpec['events'][number];
