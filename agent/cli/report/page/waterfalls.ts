/** The slowest statements, each on the time axis of its trace. */
import { NESTED, POINT, QUERY, RESOURCE, SPAN, SPAN_COUNTERS } from '../../../telemetry.js';
import { PHASES } from '../../../tracer.js';
import { classOf } from '../../load.js';
import { formatCount, formatDuration } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { SpanRecord } from '../otlp.js';
import { durationNs, type Waterfall } from '../slowest.js';
import { percent } from './chart.js';
import { styleOf } from './class-style.js';
import { phaseStyle } from './phase-style.js';
import { hasStatements, hasWaits } from './sessions.js';
import { spanTicks } from './ticks.js';
import { timeParts } from './time-split.js';
import { toldWaits, withWaits } from './told-waits.js';

export function waterfallSection(recording: Recording): Html {
  const { waterfalls, statementSpans } = recording;
  const heading = html`<h2>Slowest statements</h2>`;
  if (waterfalls.length === 0) {
    return html`<section id="slowest">${heading}<p class="empty">No statement was captured as a span. ${hasStatements(recording) || !hasWaits(recording) ? html`<code>--min-duration</code> says from which time on statements are.` : 'Level waits captures none.'}</p></section>`;
  }
  return html`<section id="slowest">${heading}
<p class="lead">Of ${statementSpans.toLocaleString('en-US')} captured statements, at most three of one query. A statement of a client’s trace is shown among the others of that trace. The colours of a statement’s bar are shares, not an order: <i class="swatch w-cpu"></i> on a CPU, <i class="swatch w-run-queue"></i> waiting for one, waits in the colours of their class, <i class="swatch rest"></i> remainder. A wait that took long stands below its statement, where it was; ${hasPhases(waterfalls) && html`so do its phases, in order of time, and the statements of functions and triggers below the phase in which they ran; `}<i class="swatch client"></i> is the client’s own span.</p>
${waterfalls.map(waterfallOf)}</section>`;
}

function waterfallOf(waterfall: Waterfall): Html {
  const { slow, hidden } = waterfall;
  const spans = waterfall.spans.length === 0 ? [slow] : waterfall.spans;
  const start = spans.map(({ startNs }) => startNs).reduce(earlier);
  const length = Math.max(1, ...spans.map(({ endNs }) => Number(endNs - start)));
  const ticks = spanTicks(length / 1e9);
  return html`<article class="waterfall">
<header><b class="duration">${formatDuration(durationNs(slow) / 1e9)}</b><h3 title="${slow.name}">${slow.name}</h3><p class="quiet">${describe(slow)}</p></header>
<div class="lanes"><div class="lane axis"><span></span><span class="track">${ticks.map(({ at, label }) => html`<span class="tick" style="left:${percent(at)}">${label}</span>`)}</span></div>
${nested(spans).map(({ span, depth }) => lane({ span, depth, start, length, isSlow: span.spanId === slow.spanId }))}</div>
${hidden > 0 && html`<p class="note">${hidden} more spans of this trace are not shown.</p>`}
${waited(slow)}<p class="note">${trace(waterfall)}</p>
${text(slow)}</article>`;
}

interface Lane {
  span: SpanRecord;
  depth: number;
  start: bigint;
  /** ns */
  length: number;
  isSlow: boolean;
}

function lane({ span, depth, start, length, isSlow }: Lane): Html {
  const from = Number(span.startNs - start) / length;
  const share = durationNs(span) / length;
  const style = waitStyle(span) ?? stylesOfPhases.get(phaseOf(span));
  const kind = [span.failed && 'failed', isSlow && 'slow', depth > 0 && 'child', isClients(span) && 'client']
    .filter(Boolean)
    .join(' ');
  const code = span.attributes[SPAN.statusCode.name];
  return html`<div class="lane ${kind}"><span class="name" style="padding-left:${depth}em" title="${span.name}">${span.name}</span>
<span class="track"><span class="bar ${style}" style="left:${percent(from)};width:${percent(share)}">${shares(span)}</span><span class="label" style="left:${percent(from + share)}">${timeOf(span)}${code !== undefined && ` ${code}`}</span></span></div>`;
}

/** The colour of what a span of a wait has waited for; undefined for other spans. */
function waitStyle({ attributes }: SpanRecord): string | undefined {
  const type = attributes[POINT.waitType.name];
  return type === undefined ? undefined : styleOf(classOf(String(type)));
}

const stylesOfPhases = new Map(PHASES.map((phase): [unknown, string] => [phase, phaseStyle(phase)]));

/** Undefined for what is no phase. */
function phaseOf({ attributes }: SpanRecord): unknown {
  return attributes[POINT.phase.name];
}

function hasPhases(waterfalls: readonly Waterfall[]): boolean {
  return waterfalls.some(({ spans }) => spans.some((span) => phaseOf(span) !== undefined));
}

/** Its length; of a nested statement that ran several times, how long all executions took together. */
function timeOf(span: SpanRecord): string {
  const calls = span.attributes[NESTED.calls.name];
  const seconds = span.attributes[NESTED.time.name];
  if (typeof calls !== 'number' || typeof seconds !== 'number') return formatDuration(durationNs(span) / 1e9);
  return `${formatDuration(seconds)} in ${formatCount(calls)} calls`;
}

/** Of the application that uses the server. */
function isClients({ resource }: SpanRecord): boolean {
  return resource.attributes[RESOURCE.dbSystem.name] === undefined;
}

/** How the span's time divides; nothing where its CPU time was not recorded. */
function shares(span: SpanRecord): Html[] {
  const cpu = span.attributes[SPAN_COUNTERS.cpuNs.name];
  if (typeof cpu !== 'number') return [];
  const queue = span.attributes[SPAN_COUNTERS.runQueueNs.name];
  const parts = timeParts({ duration: durationNs(span) / 1e9, cpu, queue: typeof queue === 'number' ? queue : 0 });
  const shown = withWaits(parts, toldWaits(span));
  const total = Math.max(
    1e-12,
    shown.reduce((sum, { seconds }) => sum + seconds, 0),
  );
  return shown.map(
    ({ style, seconds }) => html`<i class="${style}" style="flex-grow:${Math.round((seconds / total) * 10_000)}"></i>`,
  );
}

/** Children behind their parent; a span whose parent is not in the file stands at the left. */
function nested(spans: readonly SpanRecord[]): { span: SpanRecord; depth: number }[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId }) => (ids.has(parentSpanId) ? parentSpanId : ''));
  const shown = new Set<SpanRecord>();
  const below = (parent: string, depth: number): { span: SpanRecord; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((span) => {
      if (shown.has(span)) return [];
      shown.add(span);
      return [{ span, depth }, ...below(span.spanId, depth + 1)];
    });
  const tree = below('', 0);
  // Spans that are each other's parents (of a damaged file) are shown all the same.
  return [...tree, ...spans.filter((span) => !shown.has(span)).map((span) => ({ span, depth: 0 }))];
}

function describe({ attributes, startNs }: SpanRecord): string {
  const at = new Date(Number(startNs / 1_000_000n)).toISOString().slice(11, 23);
  const names = [SPAN.reason, QUERY.namespace, QUERY.user, SPAN.application, SPAN.statusCode].map(
    ({ name }) => attributes[name],
  );
  return [`at ${at}`, ...names.filter((value) => value !== undefined && value !== '')].join(' · ');
}

/** Its longest waits in words, as they were recorded. */
function waited({ attributes }: SpanRecord): Html | undefined {
  const waits = attributes[SPAN.waits.name];
  return waits === undefined ? undefined : html`<p class="note">Waited for ${String(waits)}</p>`;
}

function trace({ slow, spans }: Waterfall): Html {
  const isJoined = slow.parentSpanId !== '' && !spans.some(({ spanId }) => spanId === slow.parentSpanId);
  const links =
    slow.links.length === 0
      ? undefined
      : html`, linked to trace ${slow.links.slice(0, 3).map((id) => html`<code>${id}</code> `)}`;
  if (isJoined)
    return html`Part of the client’s trace <code>${slow.traceId}</code>, below span <code>${slow.parentSpanId}</code>${links}`;
  return html`Trace <code>${slow.traceId}</code>${links}`;
}

function text({ attributes }: SpanRecord): Html | undefined {
  const shown = attributes[SPAN.text.name];
  return shown === undefined
    ? undefined
    : html`<details><summary>Text</summary><pre class="sql">${String(shown)}</pre></details>`;
}

function earlier(left: bigint, right: bigint): bigint {
  return right < left ? right : left;
}
