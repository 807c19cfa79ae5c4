/** Trace programs: bpftrace sources, checked, run for a server, and what they tell. The door of agent/programs/. */

export { argumentWords } from './programs/arguments.js';
export { assertVersion, bpftraceVersion } from './programs/bpftrace/version.js';
export { ProgramError } from './programs/errors.js';
export { createProgramExport, type ExportedRun, type ProgramExport } from './programs/export.js';
export type { ToldEvent } from './programs/output/event.js';
export { processesOf } from './programs/processes.js';
export { bareProgram, checkedProgram, type Program } from './programs/program.js';
export { type ProgramRun, type RunOptions, type RunState, startProgram } from './programs/run.js';
export { openProgram, shippedNames, shippedPrograms } from './programs/shipped.js';
export { checkSource, type Refusal } from './programs/source.js';
