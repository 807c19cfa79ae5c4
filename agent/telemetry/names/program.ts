/** What trace programs tell. */

import { gauge, own } from './definition.js';

/** Attributes of what programs tell: name and description stand at the scope of the metrics, the name at each log record. */
export const PROGRAM = {
  name: own('pgscope.program', 'string', '', 'name of the program'),
  description: own('pgscope.program.description', 'string', '', 'what the program shows, in its own words'),
  key: own(
    'pgscope.program.key',
    'string',
    '',
    'keys of a map of a program that is a bare source, as bpftrace prints them',
  ),
} as const;

/** Metrics of a program beside its own, for each server that it runs for. */
export const PROGRAM_METRICS = {
  running: gauge('pgscope.program.running', '1', '1 while bpftrace runs the program, else 0', [PROGRAM.name]),
} as const;
