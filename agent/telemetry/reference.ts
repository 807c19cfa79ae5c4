/** docs/telemetry.md, written from names.ts and loss-names.ts. */

import { LOSSES } from './loss-names.js';
import {
  type AttributeName,
  BACKGROUND_METRICS,
  FILE_METRICS,
  LOCK,
  type MetricName,
  NESTED,
  OWN_METRICS,
  POINT,
  PROGRAM,
  PROGRAM_METRICS,
  QUERY,
  QUERY_METRICS,
  RESOURCE,
  SPAN,
  SPAN_COUNTERS,
  TARGET_METRICS,
} from './names.js';

/** The page as Markdown. */
export function telemetryReference(): string {
  return [
    '# Telemetry: attributes and metrics',
    '',
    '<!-- Generated from agent/telemetry/names.ts and loss-names.ts by scripts/generate-telemetry-reference.ts; do not edit. -->',
    '',
    INTRODUCTION,
    '## Resources',
    'Each server has a resource of its own, and pgscope has one. On a host OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are before what is found, except for `service.instance.id`, `process.pid` and `pgscope.data_directory`.',
    '',
    ...attributeTable(RESOURCE),
    '## Spans',
    SPANS,
    ...attributeTable({ ...QUERY, ...SPAN, ...SPAN_COUNTERS }),
    '## Spans of phases',
    PHASES,
    ...attributeTable({ phase: POINT.phase }),
    '## Spans of nested statements',
    NESTED_STATEMENTS,
    ...attributeTable({ summary: QUERY.summary, text: SPAN.text, fingerprint: QUERY.fingerprint, ...NESTED }),
    '## Spans of waits',
    WAITS,
    ...attributeTable({ waitType: POINT.waitType, waitEvent: POINT.waitEvent, lockMode: POINT.lockMode, ...LOCK }),
    '## Metrics of a query',
    QUERIES,
    ...metricTable(QUERY_METRICS),
    'Attributes that all of them have:',
    '',
    ...attributeTable(QUERY),
    '## Metrics of background processes',
    'What autovacuum, the checkpointer and all other processes do that serve no client, by `pgscope.backend.type`. Idle waits are left out.',
    '',
    ...metricTable(BACKGROUND_METRICS),
    '## Metrics of files',
    FILES,
    ...metricTable(FILE_METRICS),
    '## Metrics of a server',
    ...metricTable(TARGET_METRICS),
    '## Metrics and log records of programs',
    PROGRAMS,
    ...metricTable(PROGRAM_METRICS),
    ...attributeTable(PROGRAM),
    '## Metrics of pgscope',
    ...metricTable(OWN_METRICS),
    '## Attributes of single metrics',
    ...attributeTable(POINT),
    '## Losses',
    'Everything that is lost is counted by `pgscope.losses`. `pgscope.loss.stage` and `pgscope.loss.reason` are:',
    '',
    ...lossTable(),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

const INTRODUCTION = `Names are those of the OpenTelemetry semantic conventions where they have one, then those of the OpenTelemetry Collector's PostgreSQL
receiver; the rest is pgscope's own.
`;

const SPANS = `One span for each captured statement: kind SERVER, name \`db.query.summary\`, from the first message of the statement until the server is ready
for the next one. A failed statement has the status ERROR and its SQLSTATE, never the message, which can quote rows.

A statement that carries a sampled trace context is a child of the client's span. It is the root of a trace of its own, with a link to the
client's span, if its context is not sampled (and the statement is not captured for the context alone) or is stale (a prepared statement,
executed again). Counters that are 0 are left out.
`;

const PHASES = `At level \`phases\` each phase of a captured statement is a span of kind INTERNAL below the statement's, with its own name. What a
statement does not go through is not there: one that was prepared before is not parsed.
`;

const NESTED_STATEMENTS = `At level \`phases\` the statements that functions and triggers of a captured statement run are spans of kind INTERNAL down to the depth
\`spans.nestedDepth\`: below the phase in which they ran (\`execute\`, as a rule), or below the nested statement that ran them. All executions of one query
below one parent are one span, from the begin of the first to the end of the last. Name: \`db.query.summary\`, or \`(unknown)\` where the text is
not known (fingerprint \`0000000000000001\`).
`;

const WAITS = `A wait of a captured statement that took at least \`spans.minWait\` is a span of kind INTERNAL below the statement's, at level \`phases\`
below that of the phase in which all of it lies: name \`TYPE:EVENT\`, from the moment in which the backend left the CPU until it could run again. If it is for a lock, the first who held it is on it.
`;

const QUERIES = `All are cumulative. A series begins with the first statement that it counts (its start time), and ends with "no recorded value" when nothing
was added for 10 minutes, or when the server is not recorded any more. Within one start time nothing decreases. A counter has no point until it
is above 0. Up to \`maxQueries\` series a server, first come first kept; all other queries are counted in one series with \`otel.metric.overflow\`
alone. Work outside of statements (the start of a session) has the summary \`(outside statements)\` and the fingerprint \`0000000000000000\`.
Statements that failed before PostgreSQL knew their text, such as a Bind of a prepared statement that is not there, have the summary \`(no text)\`
and the fingerprint \`0000000000000002\`.
`;

const PROGRAMS = `What a trace program tells has the names, units and attributes that the program says ([programs.md](programs.md)): its maps are counters, gauges or
histograms, its events log records with the program's name. Of metrics it is an attribute of their scope, as the program's description is. Keys and fields of type \`query\` are \`db.query.summary\` and, where it may be shown,
\`db.query.text\`. Everything is told under the resource of the server that the program runs for.
`;

const FILES = `What the processes of a server do with files: every call of pread, preadv, pwrite, pwritev, fsync, fdatasync, fallocate, sync_file_range and
io_uring_enter. A read that the page cache answers is one, too: it is short. Where the kernel has
no hooks on single system calls, only at level \`phases\`. [How they are counted](engine.md#files), and what that leaves out.
`;

function attributeTable(attributes: Record<string, AttributeName>): string[] {
  const rows = Object.values(attributes).map(({ name, type, unit, origin, meaning }) => {
    return [code(name), type, unit === '' ? '' : code(unit), meaning, origin];
  });
  return table(['attribute', 'type', 'unit', 'meaning', 'from'], rows);
}

function metricTable(metrics: Partial<Record<string, MetricName>>): string[] {
  const all = Object.values(metrics).filter((metric) => metric !== undefined);
  const rows = all.map(({ name, instrument, unit, meaning, attributes }) => {
    return [code(name), instrument, code(unit), meaning, attributes.map(code).join(', ')];
  });
  return table(['metric', 'instrument', 'unit', 'meaning', 'attributes'], rows);
}

function lossTable(): string[] {
  const rows = Object.entries(LOSSES).flatMap(([stage, reasons]) => {
    return Object.entries(reasons).map(([reason, meaning]) => [code(stage), code(reason), meaning]);
  });
  return table(['stage', 'reason', 'meaning'], rows);
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

function code(text: string): string {
  return `\`${text}\``;
}
