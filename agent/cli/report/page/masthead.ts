/** The top of the page: which server, when, and the numbers that say most. */
import { RESOURCE } from '../../../telemetry.js';
import { add, countOf, EMPTY, quantile } from '../../histogram.js';
import { sumLoads, totalOf } from '../../load.js';
import { formatCount, formatDuration, formatShare } from '../../quantities.js';
import { addWaits, type Wait } from '../../waits.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Resource } from '../otlp.js';
import { hasStatements, hasWaits } from './sessions.js';

export function masthead(recording: Recording): Html {
  return html`<header class="masthead"><p class="brand">pgscope</p><h1>${titleOf(recording.servers)}</h1>
<p class="period">${periodText(recording)}</p></header>
<div class="headline">${numbers(recording).map(
    ({ name, value, note, isAlarm }) =>
      html`<div class="${isAlarm && 'failing'}"><span>${name}</span><b>${value}</b><small>${note}</small></div>`,
  )}</div>`;
}

/** `PostgreSQL 18.4 on host`. */
export function titleOf(servers: readonly Resource[]): string {
  const [first] = servers;
  if (first === undefined) return 'No server';
  if (servers.length > 1) return `${servers.length} PostgreSQL servers`;
  const version = first.attributes[RESOURCE.serviceVersion.name];
  const host = first.attributes[RESOURCE.hostName.name];
  return `PostgreSQL${version === undefined ? '' : ` ${version}`}${host === undefined ? '' : ` on ${host}`}`;
}

/** `2026-01-02 14:30:05 – 14:35:05 UTC, 5.00 min`. */
export function periodText({ fromSeconds, toSeconds }: Pick<Recording, 'fromSeconds' | 'toSeconds'>): string {
  if (toSeconds <= fromSeconds) return 'no time was recorded';
  const [from, to] = [fromSeconds, toSeconds].map((seconds) => new Date(seconds * 1000).toISOString());
  const day = from?.slice(0, 10);
  const end = to?.slice(0, 10) === day ? to?.slice(11, 19) : `${to?.slice(0, 10)} ${to?.slice(11, 19)}`;
  return `${day} ${from?.slice(11, 19)} – ${end} UTC, ${formatDuration(toSeconds - fromSeconds)}`;
}

interface Headline {
  name: string;
  value: string;
  note: string;
  isAlarm?: boolean;
}

function numbers(recording: Recording): Headline[] {
  return !hasStatements(recording) && hasWaits(recording) ? timeNumbers(recording) : statementNumbers(recording);
}

/** At level waits: time alone is known. */
function timeNumbers({ queries, fromSeconds, toSeconds }: Recording): Headline[] {
  const load = sumLoads(queries.map((query) => query.load));
  const total = totalOf(load);
  const waits = queries
    .reduce<Wait[]>((all, query) => addWaits(all, query.waits), [])
    .sort((a, b) => b.seconds - a.seconds);
  const [longest] = waits;
  const waited = total - load.CPU - load['run queue'];
  const seconds = toSeconds - fromSeconds;
  return [
    { name: 'Database time', value: formatDuration(total), note: 'time of all statements' },
    {
      name: 'Mean load',
      value: seconds > 0 ? (total / seconds).toFixed(2) : '–',
      note: 'sessions at work at one time',
    },
    { name: 'CPU', value: formatShare(load.CPU / total), note: 'of it on a CPU' },
    { name: 'Run queue', value: formatShare(load['run queue'] / total), note: 'ready, waiting for a CPU' },
    { name: 'Waits', value: formatShare(waited / total), note: 'in wait events' },
    {
      name: 'Biggest wait',
      value: longest === undefined ? '–' : formatShare(longest.seconds / total),
      note: longest?.name ?? 'none',
    },
  ];
}

function statementNumbers({ queries, fromSeconds, toSeconds }: Recording): Headline[] {
  const seconds = toSeconds - fromSeconds;
  const latency = queries.reduce((sum, query) => add(sum, query.latency), EMPTY);
  const errors = queries.reduce((sum, { counters }) => sum + counters.errors, 0);
  const statements = Math.max(
    countOf(latency),
    queries.reduce((sum, { counters }) => sum + counters.calls, errors),
  );
  const duration = queries.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const work = hasWaits({ queries }) ? queries.reduce((sum, { load }) => sum + totalOf(load), 0) : duration;
  const perSecond = (amount: number) => (seconds > 0 ? `${formatCount(rounded(amount / seconds))} per second` : '');
  return [
    { name: 'Statements', value: formatCount(statements), note: perSecond(statements) },
    {
      name: 'Errors',
      value: formatCount(errors),
      note: statements > 0 ? `${formatShare(errors / statements)} of statements` : '',
      isAlarm: errors > 0,
    },
    { name: 'Database time', value: formatDuration(duration), note: 'server time of all statements' },
    {
      name: 'Mean load',
      value: seconds > 0 ? (work / seconds).toFixed(2) : '–',
      note: 'sessions at work at one time',
    },
    { name: 'p50', value: formatDuration(quantile(latency, 0.5)), note: 'half were faster' },
    { name: 'p99', value: formatDuration(quantile(latency, 0.99)), note: '99 of 100 were faster' },
  ];
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : value;
}
