/** The trace programs that a profile names: which, with which arguments, how often their maps are told. */
import { z } from 'zod';
import { duration, listByKey, objectName } from '../field-types.js';
import { withRules } from '../rule.js';

/** As many as a TraceProgram can have (api/trace-program/spec.ts), of its bounds. */
const MAX_ARGUMENTS = 8;
const MAX_NAME = 63;

const args = withRules(
  z.record(z.string(), z.string().max(63).describe('Value of the argument, as text: "10ms", "20", "true".')),
  {
    message: `has more than ${MAX_ARGUMENTS} arguments, which no program has`,
    holds: (given) => Object.keys(given).length <= MAX_ARGUMENTS,
    keywords: { maxProperties: MAX_ARGUMENTS },
  },
  {
    message: `has an argument whose name is longer than ${MAX_NAME} characters, which no program has`,
    holds: (given) => Object.keys(given).every((name) => name.length <= MAX_NAME),
    cel: `self.all(name, name.size() <= ${MAX_NAME})`,
  },
);

const program = z.strictObject({
  name: objectName("a TraceProgram's name").describe('Name of the TraceProgram, such as pg-cpudist.'),
  args: args
    .default({})
    .describe(
      'Values by the names of its arguments; the rest have their defaults. kubectl describe pgt NAME tells which there are.',
    ),
  interval: duration({ shortest: '1s', longest: '1h', unit: 's' })
    .default('10s')
    .describe('How often its maps are collected and exported. From 1s to 1h.'),
});

export const programs = listByKey(program.describe('One trace program.'), 'name', 16)
  .default([])
  .describe(
    'Trace programs to run for the targets besides, which the administrator has defined as TracePrograms; at most 16. ' +
      'Each takes some 55 MB of the node for each target, and a node runs a few alone.',
  );

export type ProfileProgram = z.output<typeof program>;
