/** The first lines of every picture: which servers, when, the numbers that say most, what is wrong. */

import { measuredNs } from '../measured-time.js';
import { compactCount, exactCount, formatDuration } from '../quantities.js';
import { addFailures, failureLine } from './failures.js';
import type { TopState } from './keys.js';
import { cut, type Line, run } from './lines.js';
import { lockAlarm } from './lock-lines.js';
import { sessionsText } from './sessions.js';
import type { ServerFacts, View } from './view.js';
import { padEnd, printable, widthOf } from './width.js';

/** The last line is empty. */
export function headerLines(view: View, state: TopState, columns: number): Line[] {
  const since = view.seconds === 0 ? [] : [span(view.seconds)];
  const clock = [view.at.toTimeString().slice(0, 8), ...since, ...(state.paused ? ['PAUSED'] : [])].join(' · ');
  const title = `pgscope top · ${servers(view.servers)}`;
  const room = columns - widthOf(clock) - 1;
  const lines: Line[] = [
    [run(padEnd(title, room), 'bold'), run(' '), run(clock, state.paused ? 'accent' : 'plain')],
    totals(view, state),
  ];
  const sessions = sessionsText(view.servers);
  if (sessions !== undefined) lines.push([run(sessions)]);
  if (view.losses.length > 0) {
    const losses = view.losses.map(([name, count]) => `${exactCount(count)} ${name}`).join(', ');
    lines.push([run(`Lost since the start: ${losses}`, 'alarm')]);
  }
  const failed = failureLine(addFailures(view.queries));
  if (failed !== undefined) lines.push(failed);
  const alarm = lockAlarm(view);
  if (alarm !== undefined) lines.push([run(alarm, 'Lock')]);
  for (const notice of view.notices) lines.push([run(printable(notice), 'alarm')]);
  return [...lines.map((each) => cut(each, columns)), []];
}

/** `last 10 s`. */
export function span(seconds: number): string {
  return `last ${formatDuration(Math.round(seconds * 10) / 10).replace(/\.0+ /, ' ')}`;
}

function servers(facts: readonly ServerFacts[]): string {
  const [first, ...others] = facts;
  if (first === undefined) return 'no server';
  if (others.length === 0) return `PostgreSQL ${first.version} · pid ${first.pid}`;
  const versions = [...new Set(facts.map(({ version }) => version))].join(', ');
  return `${facts.length} servers · PostgreSQL ${versions}`;
}

function totals(view: View, state: TopState): Line {
  const seconds = view.seconds || 1;
  const load = sum(view.queries, measuredNs) / 1e9 / seconds;
  const backends = sum(view.servers, (server) => server.backends);
  return [
    run('load '),
    run(load.toFixed(2), 'bold'),
    ...(view.level === 'waits' ? [run(' · level waits')] : statements(view, seconds)),
    run(` · ${backends} backends · sorted by ${state.sort}`),
  ];
}

function statements({ queries }: View, seconds: number): Line {
  const errors = sum(queries, (query) => query.errors) / seconds;
  const all = sum(queries, (query) => query.calls) / seconds + errors;
  return [
    run(` · ${compactCount(all)} statements/s · `),
    run(`${compactCount(errors)} errors/s`, errors > 0 ? 'alarm' : 'plain'),
  ];
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
