/** The spec of a PostgresProfile: what to capture, from which pods, for how long. Type, defaults, bounds and documentation in one. */
import { z } from 'zod';
import { dnsLabel, duration, objectName, setOf } from '../field-types.js';
import { labelSelector } from '../label-selector.js';
import { withRules } from '../rule.js';
import { programs } from './programs.js';

const spans = z.strictObject({
  minDuration: duration({ shortest: '0ms', longest: '24h', unit: 'ms' })
    .default('100ms')
    .describe('A statement that took at least this long becomes a span; 0ms means every statement. From 0ms to 24h.'),
  errors: z.boolean().default(true).describe('Whether every failed statement becomes a span, with its SQLSTATE.'),
  sampleRatio: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of all other statements that become spans, from 0 (none) to 1 (all).'),
  traceContext: setOf(['sqlcomment', 'application_name'])
    .default(['sqlcomment', 'application_name'])
    .describe(
      'Where the trace context of a client is looked for; the span of such a statement joins the trace of the client. ' +
        'sqlcomment: the key traceparent in a comment of the statement. application_name: the setting of that name. ' +
        'An empty list: nowhere.',
    ),
  minWait: duration({ shortest: '0ms', longest: '1h', unit: 'ms' })
    .default('1ms')
    .describe(
      'A wait of a captured statement that took at least this long becomes a span of its own, below that of the ' +
        'statement; at most 8 of a statement. From 0ms to 1h.',
    ),
  nestedDepth: z
    .number()
    .int()
    .min(0)
    .max(8)
    .default(1)
    .describe(
      'How deep statements inside functions and triggers of a captured statement become spans below it, at level ' +
        'phases: from 0 (none) to 8. At most 12 different ones of a statement.',
    ),
  maxPerSecond: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe(
      'The most statements of one target that become spans in a second, from 0 (no spans at all) to 10000. ' +
        'What is above is dropped and counted; failed statements go before slow, traced and sampled ones.',
    ),
});

const metrics = z.strictObject({
  interval: duration({ shortest: '1s', longest: '1h', unit: 's' })
    .default('15s')
    .describe('How often metrics are collected and exported. From 1s to 1h.'),
  maxQueries: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe(
      'The most different queries of one target that have series of their own, from 1 to 10000; ' +
        'the first ones are kept, the rest share one series with otel.metric.overflow=true.',
    ),
});

/** The field-by-field schema, without the rule about the target; `record -f` takes a part of it. */
export const specFields = z.strictObject({
  selector: labelSelector
    .optional()
    .describe(
      'The pods to profile, by their labels, in the namespace of this object; {} means every pod there. ' +
        'Exactly one of selector and podName must be given.',
    ),
  podName: objectName("a pod's name")
    .optional()
    .describe('The one pod to profile, by its name. Exactly one of selector and podName must be given.'),
  container: dnsLabel("a container's name")
    .optional()
    .describe('The container that runs PostgreSQL. Without it: every container of the pod that runs a postmaster.'),
  duration: duration({ shortest: '1s', longest: '720h', unit: 'm' })
    .optional()
    .describe(
      'How long to capture, from 1s to 720h, counted from the first attached target; then all is detached and the ' +
        'profile is Completed. A longer duration extends a running profile. Without it: until the object is deleted.',
    ),
  suspend: z.boolean().default(false).describe('Whether capturing is paused: true detaches everything, false goes on.'),
  level: z
    .enum(['waits', 'statements', 'phases'])
    .default('statements')
    .describe(
      'How much is captured. waits: where backends spend their time, without any probe in PostgreSQL. statements: also ' +
        'each statement, its time, rows, I/O, WAL and errors. phases: also the time in parse, analyze, bind, plan, execute ' +
        'and commit, and the statements inside functions and triggers.',
    ),
  queryText: z
    .enum(['none', 'normalized', 'raw'])
    .default('normalized')
    .describe(
      'How much of the text of a statement is exported. none: only its fingerprint and a summary. normalized: without ' +
        'literals and comments. raw: as the client sent it, only where the administrator allows that.',
    ),
  spans: spans.prefault({}).describe('Which statements become spans of a trace.'),
  metrics: metrics.prefault({}).describe('How metrics are collected.'),
  programs,
  export: z
    .strictObject({
      destination: dnsLabel("a destination's name, which the administrator has defined and which is never a URL")
        .default('default')
        .describe('Name of a destination that the administrator has defined; never a URL.'),
    })
    .prefault({})
    .describe('Where spans, metrics and log records are sent.'),
});

/** The schema of a PostgresProfile's spec. */
export const profileSpec = withRules(specFields, {
  message: 'give exactly one of selector and podName',
  holds: ({ selector, podName }) => (selector === undefined) !== (podName === undefined),
  cel: 'has(self.selector) != has(self.podName)',
}).describe('What to capture, from which pods, and for how long.');

/** A spec with every default filled in; durations are text (api/duration.ts). */
export type PostgresProfileSpec = z.output<typeof profileSpec>;
export type Level = PostgresProfileSpec['level'];
