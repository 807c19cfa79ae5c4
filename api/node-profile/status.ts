/** The status of a NodeProfile, which the agent of its node writes: a row for each target, what was lost, whether exporting works. */
import { z } from 'zod';
import { conditionList } from '../condition.js';
import { count, listByKey, objectName, timestamp } from '../field-types.js';
import { specFields } from '../postgres-profile/spec.js';

/** From the worst to the best; a profile is in the worst state of its targets. */
export const TARGET_STATES = ['Failed', 'Pending', 'NoPostgres', 'Detached', 'Attached'] as const;

const row = z.strictObject({
  containerID: z.string().min(1).max(256).describe('The target, as in the spec.'),
  state: z
    .enum(TARGET_STATES)
    .describe(
      'Attached: it is being profiled. Pending: its process is not there yet. NoPostgres: no postmaster runs in the container. ' +
        'Failed: the probes could not be attached. Detached: its time is over.',
    ),
  reason: z.string().min(1).max(128).describe('Why, as one CamelCase word for programs.'),
  message: z.string().max(2048).default('').describe('Why, as a sentence for people, with what to do about it.'),
  pid: count().optional().describe("The postmaster's PID on the node; also where one was found and is not profiled."),
  serverVersion: z.string().max(64).optional().describe('The version of PostgreSQL, such as 17.5.'),
  level: specFields.shape.level.unwrap().optional().describe('The level in force.'),
  attachedAt: timestamp().optional().describe('Since when it has been profiled.'),
});

/** From the worst to the best; a program is in the worst state of its runs. */
export const PROGRAM_STATES = ['Failed', 'Pending', 'Done', 'Running'] as const;

const program = z.strictObject({
  name: objectName("a TraceProgram's name").describe('The program, as in the spec.'),
  state: z
    .enum(PROGRAM_STATES)
    .describe(
      'Running: for every attached target. Pending: it is being started, there is no target yet, or it waits for something. ' +
        'Done: it has ended itself. Failed: it cannot be run.',
    ),
  reason: z.string().min(1).max(128).describe('Why, as one CamelCase word for programs.'),
  message: z.string().max(2048).default('').describe('Why, as a sentence for people, with what to do about it.'),
  running: count().describe('Targets that it runs for.'),
});

export const nodeProfileStatus = z
  .strictObject({
    observedGeneration: count().optional().describe('The generation of the spec that this status is about.'),
    targets: listByKey(row.describe('How far one target got.'), 'containerID', 256)
      .optional()
      .describe('One row for each target.'),
    programs: listByKey(program.describe('One program.'), 'name', 16)
      .optional()
      .describe('How far each trace program got, over all targets.'),
    lostEvents: count()
      .optional()
      .describe(
        'Events of these targets lost since they were first attached, over restarts of the agent; rounded to two significant digits.',
      ),
    conditions: conditionList({
      Ready: 'every target is being profiled and exported, and its programs run',
      Exporting: 'spans, metrics and log records reach their destination',
    }).optional(),
  })
  .describe('How far the agent got; written by the agent of the node.');

export type NodeProfileStatus = z.output<typeof nodeProfileStatus>;
export type TargetRow = z.output<typeof row>;
export type TargetState = (typeof TARGET_STATES)[number];
export type ProgramRow = z.output<typeof program>;
export type ProgramState = (typeof PROGRAM_STATES)[number];
