/** Every kind of loss, by name: the words of `pgscope.loss.reason`. What is counted anywhere else has no name, and does not compile. */

/** Counted in the kernel, `loss_names` of bpf/counters.c; the last one by the tracer itself, bpf/drained.c. */
export const TRACER_LOSSES = {
  recordsRateLimitedFailed: 'records of failed statements above maxPerSecond',
  recordsRateLimitedSlow: 'records of slow statements above maxPerSecond',
  recordsRateLimitedTraced: 'records of statements with a trace context above maxPerSecond',
  recordsRateLimitedSampled: 'records of sampled statements above maxPerSecond',
  recordsRingFull: 'records that found the ring buffer full',
  queryTextsRingFull: 'query texts that found the ring buffer full',
  queriesOverflow: "statements of queries that found the kernel's map full: counted in the overflow series",
  textUnreadable: 'query texts that could not be read',
  textTruncated: 'query texts that were cut off',
  textEndsUnread: 'statements whose text was too long to look for a trace context at its end',
  scratchBusy: 'statements whose scratch space was taken',
  countersUnreadable: 'counters that could not be read',
  backendsUntagged: 'processes that could not be tagged',
  portalsUnreadable: 'parts of portals that could not be found in memory',
  contextPortalsUnreadable:
    'statements with a trace context whose portal could not be found in memory: taken for a first execution',
  waitsOverflow: "waits that found the kernel's map full: counted in the overflow series, by type alone",
  waitsFurther: 'waits of statements with more than eleven different ones: counted without a name',
  longWaitsUntold: 'spans with more long waits than become spans of their own',
  switchesUnseen: 'switches that the kernel did not trace: the time is counted, its reason is not known',
  locksUninspected:
    'locks that were waited for and not looked into: more than 50 a second, or the ring buffer was full',
  ioOverflow: "system calls on files that found the kernel's map full: counted as `other` files, of no type of process",
  nestedUntold: 'executions inside functions and triggers that found no place among those of their statement',
  drainsUnread: "drains that could not read the kernel's sums: the next one told them, unless the target was detached",
} as const;

/** Counted by the agent's side of the capture. */
export const AGENT_LOSSES = {
  queriesForgotten: 'queries whose names and text were forgotten for new ones: they are counted without a text',
  drainsFailed: 'drains that the tracer did not answer; a later one tells what this one would have told',
  tracerRestarts: 'deaths of the tracer, which was started again: what it had not told is missing',
  linesMalformed: 'lines of the tracer that could not be used',
} as const;

/** Of trace programs, counted by the agent. */
export const PROGRAM_LOSSES = {
  eventsLost: 'what programs told and bpftrace could not hand over, since its buffer was full',
  eventsRateLimited: 'events of programs above 200 a second',
  linesTooLong: 'lines of bpftrace longer than 4 MiB: maps that are not told at that time',
  linesMalformed: 'lines of bpftrace that are no JSON, or of no known kind',
  linesUnknown: 'lines of programs that are none of their events: not exported',
  keysUnreadable: 'entries of maps whose keys are not what the program says: not exported',
  seriesOverflow:
    'entries of maps beyond 1000 series of a program, at most at one time: counted in the overflow series of their map',
  mapsFull: 'times that a map was told with as many entries as bpftrace keeps: further ones are missing',
  probesMissing: 'probes of programs that do not exist here, counted at each start',
  helperErrors: 'calls into the kernel that failed inside programs',
  programRestarts: 'times that bpftrace died and was started again: what it had not told is missing',
} as const;

export type ProgramLoss = keyof typeof PROGRAM_LOSSES;
export type AgentLoss = keyof typeof AGENT_LOSSES;
export type CaptureLoss = keyof typeof TRACER_LOSSES | AgentLoss;

/** By stage. */
export const LOSSES = {
  capture: { ...TRACER_LOSSES, ...AGENT_LOSSES },
  programs: PROGRAM_LOSSES,
  telemetry: {
    queriesOverflow: 'statements of queries beyond maxQueries: counted in the overflow series',
    descriptionsForgotten: 'descriptions of queries that were not used for long, and forgotten for new ones',
    recordsRateLimited:
      'records above the maxPerSecond of a destination that asks for fewer than another one of the same target',
    unknownTarget: 'events of targets that are not recorded (any more)',
  },
  export: {
    queueFull: 'the queue was full',
    refused: 'the receiver refused the request (4xx, 500)',
    rejected: 'the receiver accepted the request but not these items',
    retriesExhausted: 'the receiver could not be reached for too long',
    shutdown: 'pgscope ended before they could be delivered',
    writeFailed: 'the file could not be written',
  },
} as const;
