/** The options of `record`: for parseArgs, for the help text, and where each one stands in a profile's spec. */

import { otlpOptions } from '../otlp-options.js';
import { targetOptions } from '../target-options.js';

/** Options that are a field of the profile: option name → where the field is. They win over what the profile says. */
export const profileFields = {
  level: { path: ['level'], kind: 'text' },
  'query-text': { path: ['queryText'], kind: 'text' },
  duration: { path: ['duration'], kind: 'text' },
  interval: { path: ['metrics', 'interval'], kind: 'text' },
  'max-queries': { path: ['metrics', 'maxQueries'], kind: 'number' },
  'min-duration': { path: ['spans', 'minDuration'], kind: 'text' },
  'min-wait': { path: ['spans', 'minWait'], kind: 'text' },
  'nested-depth': { path: ['spans', 'nestedDepth'], kind: 'number' },
  'sample-ratio': { path: ['spans', 'sampleRatio'], kind: 'number' },
  'max-per-second': { path: ['spans', 'maxPerSecond'], kind: 'number' },
  'trace-context': { path: ['spans', 'traceContext'], kind: 'list' },
} as const;

export type ProfileOption = keyof typeof profileFields;

export const recordOptions = {
  ...targetOptions,
  profile: { type: 'string', short: 'f' },
  level: { type: 'string' },
  duration: { type: 'string' },
  interval: { type: 'string' },
  'query-text': { type: 'string' },
  'max-queries': { type: 'string' },
  'min-duration': { type: 'string' },
  'min-wait': { type: 'string' },
  'nested-depth': { type: 'string' },
  errors: { type: 'boolean' },
  'sample-ratio': { type: 'string' },
  'max-per-second': { type: 'string' },
  'trace-context': { type: 'string' },
  ...otlpOptions,
} as const;
