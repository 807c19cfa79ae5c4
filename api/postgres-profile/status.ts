/** The status of a PostgresProfile, which the operator writes: how far the profile got, in a few numbers and conditions. */
import { z } from 'zod';
import { conditionList } from '../condition.js';
import { count, timestamp } from '../field-types.js';

export const profileStatus = z
  .strictObject({
    observedGeneration: count().optional().describe('The generation of the spec that this status is about.'),
    startedAt: timestamp().optional().describe('When the first target was attached.'),
    expiresAt: timestamp().optional().describe('When the duration is over and everything is detached.'),
    targets: z
      .strictObject({
        matched: count().describe('PostgreSQL servers found in the selected pods.'),
        attached: count().describe('Those that are being profiled.'),
      })
      .optional()
      .describe('How many PostgreSQL servers there are.'),
    nodes: z
      .strictObject({
        desired: count().describe('Nodes that run a selected pod.'),
        ready: count().describe('Those whose agent is ready and profiles all its targets.'),
      })
      .optional()
      .describe('How many nodes take part.'),
    lostEvents: count()
      .optional()
      .describe('Events lost since the start, rounded to two significant digits; the exact counts are metrics.'),
    conditions: conditionList({
      Ready: 'every target is being profiled and exported, and its programs run',
      Accepted: 'the spec is valid and allowed here',
      TargetsResolved: 'the selected pods run PostgreSQL servers that can be profiled',
      ProbesAttached: 'the probes are attached to every target',
      Exporting: 'spans, metrics and log records reach their destination',
      ProgramsRunning: 'the trace programs run for every target',
      Completed: 'the duration is over and everything is detached',
    }).optional(),
  })
  .describe('How far the profile got; written by the operator.');

export type PostgresProfileStatus = z.output<typeof profileStatus>;
