/** The source of a program: read, checked, and made ready for bpftrace. The door of agent/programs/source/. */

export { type Aggregate, type CheckedSource, checkSource } from './source/check.js';
export { expandSource, type TargetProcesses } from './source/expand.js';
export { PLACEHOLDER } from './source/predicate.js';
export type { Refusal } from './source/refusal.js';
export { tokensOf } from './source/tokens.js';
