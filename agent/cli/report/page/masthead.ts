/** The top of the page: which server, when, and the numbers that say most. */
import { RESOURCE } from '../../../telemetry.js';
import { add, countOf, EMPTY, quantile } from '../../histogram.js';
import { formatCount, formatDuration, formatShare } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Resource } from '../otlp.js';

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

function numbers({ queries, fromSeconds, toSeconds }: Recording): Headline[] {
  const seconds = toSeconds - fromSeconds;
  const latency = queries.reduce((sum, query) => add(sum, query.latency), EMPTY);
  const errors = queries.reduce((sum, { counters }) => sum + counters.errors, 0);
  const statements = Math.max(
    countOf(latency),
    queries.reduce((sum, { counters }) => sum + counters.calls, errors),
  );
  const duration = queries.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
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
      value: seconds > 0 ? (duration / seconds).toFixed(2) : '–',
      note: 'statements at work at one time',
    },
    { name: 'p50', value: formatDuration(quantile(latency, 0.5)), note: 'half were faster' },
    { name: 'p99', value: formatDuration(quantile(latency, 0.99)), note: '99 of 100 were faster' },
  ];
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : value;
}
