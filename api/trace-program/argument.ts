/** One argument of a TraceProgram: its type, its default, and the check of a value that somebody gives. */
import { z } from 'zod';
import { durationNs, durationProblem } from '../duration.js';
import { withRules } from '../rule.js';

const INTEGER = /^-?(0|[1-9][0-9]{0,14})$/;
/** bpftrace reads an argument as a number or as a string; what could be either, or end a line, is left out. */
const PLAIN_TEXT = /^[ -~]*$/;

/** Nanoseconds of the unit that the program counts in. */
const NS_OF_UNIT = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;

export interface ArgumentType {
  type: 'string' | 'integer' | 'boolean' | 'duration';
  unit: keyof typeof NS_OF_UNIT;
}

/** What is wrong with a value of an argument; undefined if it is right. Completes the value. */
export function argumentProblem({ type }: Pick<ArgumentType, 'type'>, text: string): string | undefined {
  switch (type) {
    case 'integer':
      return INTEGER.test(text) ? undefined : 'is no whole number of at most 15 digits';
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'is neither true nor false';
    case 'duration':
      return durationProblem(text);
    default:
      return PLAIN_TEXT.test(text) ? undefined : 'has characters other than printable ASCII';
  }
}

/** The value as bpftrace gets it: durations in the argument's unit, false and true as 0 and 1. Only for a value without a problem. */
export function argumentWord({ type, unit }: ArgumentType, text: string): string {
  if (type === 'duration') return String(Math.round(durationNs(text) / NS_OF_UNIT[unit]));
  if (type === 'boolean') return text === 'true' ? '1' : '0';
  return text;
}

export const programArgument = withRules(
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, {
        error: 'cannot be the name of an argument; write lower-case letters, digits and -, a letter first',
      })
      .describe('Its name, as --arg NAME=VALUE and args of a profile have it.'),
    description: z.string().max(256).default('').describe('What it sets.'),
    type: z
      .enum(['string', 'integer', 'boolean', 'duration'])
      .describe(
        'What its values are. string: printable ASCII, read with str($2). integer: a whole number. boolean: true or false, 1 or 0 in the source. ' +
          'duration: such as 10ms, a whole number of units in the source.',
      ),
    unit: z.enum(['ns', 'us', 'ms', 's']).default('ns').describe('The unit that a duration has in the source.'),
    default: z
      .string()
      .max(63)
      .optional()
      .describe('Its value where none is given. Without a default one must be given.'),
  }),
  {
    message: 'has a default that is not of its type',
    holds: ({ type, default: value }) => value === undefined || argumentProblem({ type }, value) === undefined,
    cel:
      "!has(self.default) || (self.type == 'integer' ? self.default.matches('^-?(0|[1-9][0-9]{0,14})$') : " +
      "self.type == 'boolean' ? self.default in ['true', 'false'] : self.type == 'duration' ? self.default.size() > 1 && " +
      "self.default.matches('^([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?([0-9]{1,9}us)?$') && " +
      "duration(self.default) <= duration('2400h') : self.default.matches('^[ -~]*$'))",
  },
);

export type ProgramArgument = z.output<typeof programArgument>;
