/** Who blocked whom: the queries at the beginning of the chains, and the chains themselves on a time axis. */
import { formatCount, formatDuration, formatShare } from '../../quantities.js';
import { conditionOf } from '../../sqlstate.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { type BlockingQuery, type Chain, type ChainLink, lengthOf } from '../lock-chains.js';
import { percent } from './chart.js';
import { serverName } from './place.js';
import { spanTicks } from './ticks.js';

const MAX_QUERIES = 10;
/** Sessions of one chain that are shown. */
const MAX_LANES = 20;
/** Which is the statement's own: the trace tells it. */
const DATABASE = / in database \d+$/;

/** Undefined where no captured statement has waited for a lock. */
export function locksSection(recording: Recording): Html | undefined {
  const { locks, lockWaitsLeftOut, servers } = recording;
  if (locks.waits === 0) return undefined;
  const { queries, chains, moreChains, unexplained } = locks;
  return html`<section id="locks"><h2>Who blocked whom</h2>
<p class="lead">Captured statements waited ${formatDuration(locks.seconds)} for locks, in ${waits(locks.waits)}. The time of a wait goes to the statement at the beginning of its chain: the one that blocked others and waited for nobody at that time. In each chain <i class="swatch holder"></i> is the transaction that blocks, <i class="swatch w-lock"></i> are those that wait, below the one that they wait for.</p>
${queries.length > 0 && blockerTable(queries.slice(0, MAX_QUERIES), locks.seconds, servers.length > 1)}
${queries.length > MAX_QUERIES && html`<p class="note">${queries.length - MAX_QUERIES} more blocking queries are not shown.</p>`}
${chains.map(chainOf)}
${moreChains > 0 && html`<p class="note">${formatCount(moreChains)} more chains, in which less time was waited, are not shown.</p>`}
${unexplained.waits > 0 && html`<p class="note">Of ${waits(unexplained.waits)}, ${formatDuration(unexplained.seconds)} together, nobody knows who was in the way: the lock was free again before it could be looked at, or too many waited at once.</p>`}
${lockWaitsLeftOut > 0 && html`<p class="note">${formatCount(lockWaitsLeftOut)} shorter waits are left out.</p>`}
<p class="note">Only captured statements are here: those that were slow, failed, sampled or traced. A transaction that holds a lock may have taken it with an earlier statement than the one that is shown, which is its last one.</p></section>`;
}

function blockerTable(queries: readonly BlockingQuery[], total: number, severalServers: boolean): Html {
  return html`<div class="scroll"><table class="events blockers"><thead><tr><th scope="col">Blocking statement</th><th scope="col">Time blocked</th><th scope="col">Share</th><th scope="col">Waits</th><th scope="col">Longest</th><th scope="col" class="text">Was</th><th scope="col" class="text">Application</th></tr></thead>
<tbody>${queries.map(
    ({ server, summary, text, seconds, waits: count, longestSeconds, states, applications }) =>
      html`<tr><th scope="row"><b>${summary || 'not known'}</b>${severalServers && html` <span class="quiet">${serverName(server)}</span>`}${text !== '' && html`<code title="${text}">${text.replace(/\s+/g, ' ')}</code>`}</th>
<td>${formatDuration(seconds)}</td><td>${formatShare(seconds / total)}</td><td>${formatCount(count)}</td><td>${formatDuration(longestSeconds)}</td><td class="text">${states.join(', ')}</td><td class="text">${applications.join(', ')}</td></tr>`,
  )}</tbody></table></div>`;
}

interface Axis {
  fromSeconds: number;
  /** Never 0. */
  seconds: number;
}

function chainOf({ root, links, seconds }: Chain): Html {
  const all = flattened(links, 1);
  const from = Math.min(...all.map(({ link }) => link.wait.fromSeconds));
  const to = Math.max(...all.map(({ link }) => link.wait.toSeconds));
  const length = Math.max(1e-6, to - from);
  // The transaction from its begin, if it did not begin long before anybody waited.
  const began = root.transactionSeconds ?? from;
  const start = Math.max(Math.min(began, from), from - length / 4);
  const axis = { fromSeconds: start, seconds: to - start || 1e-6 };
  const blocking = Math.max(...links.map(({ wait }) => wait.toSeconds));
  const hidden = all.length - MAX_LANES;
  return html`<article class="waterfall locks">
<header><b class="duration">${formatDuration(seconds)}</b><h3 title="${root.summary}">${root.summary || 'a statement that is not known'}</h3><p class="quiet">blocked ${sessions(all.length)} · from ${clock(from)}</p></header>
<div class="lanes"><div class="lane axis"><span></span><span class="track">${spanTicks(axis.seconds).map(({ at, label }) => html`<span class="tick" style="left:${percent(at)}">${label}</span>`)}</span></div>
<div class="lane root">${name(0, `PID ${root.pid}`, root.summary, [root.state, openFor(root.transactionSeconds, from), root.application])}${track(axis, { fromSeconds: start, toSeconds: blocking }, 'holder', '')}</div>
${all.slice(0, MAX_LANES).map(({ link, depth }) => lane(link, depth, axis))}</div>
${hidden > 0 && html`<p class="note">${hidden} more waits of this chain are not shown.</p>`}
${root.text !== '' && html`<details><summary>Text of the blocking statement</summary><pre class="sql">${root.text}</pre></details>`}</article>`;
}

function lane({ wait }: ChainLink, depth: number, axis: Axis): Html {
  const pid = wait.pid === undefined ? 'a session' : `PID ${wait.pid}`;
  const lock = [wait.mode, wait.object.replace(DATABASE, '')].filter((part) => part !== '').join(' on ');
  const isQueued = wait.blocker?.isQueued === true && 'queued';
  const label = [formatDuration(lengthOf(wait)), wait.failure].filter((part) => part !== '').join(' ');
  const failure = wait.failure !== '' && conditionOf(wait.failure);
  return html`<div class="lane child${failure !== false && ' failed'}">${name(depth, pid, wait.summary, [lock, isQueued, failure, wait.application])}${track(axis, wait, 'w-lock', label)}</div>`;
}

function name(depth: number, pid: string, summary: string, details: readonly (string | false)[]): Html {
  const words = details.filter((each) => each !== '' && each !== false).join(' · ');
  return html`<span class="name" title="${pid} ${summary}: ${words}" style="padding-left:${Math.round(depth * 11) / 10}em"><b>${depth > 0 && '└ '}${pid}</b> ${summary}<small>${words}</small></span>`;
}

function track(
  { fromSeconds, seconds }: Axis,
  stretch: { fromSeconds: number; toSeconds: number },
  style: string,
  label: string,
): Html {
  const from = (stretch.fromSeconds - fromSeconds) / seconds;
  const share = (stretch.toSeconds - stretch.fromSeconds) / seconds;
  return html`<span class="track"><span class="bar ${style}" style="left:${percent(from)};width:${percent(share)}"></span><span class="label" style="left:${percent(from + share)}">${label}</span></span>`;
}

/** How long its transaction had been open when the first one began to wait. */
function openFor(began: number | undefined, from: number): string {
  return began === undefined ? '' : `open ${formatDuration(Math.max(0, from - began))} before the first wait`;
}

function flattened(links: readonly ChainLink[], depth: number): { link: ChainLink; depth: number }[] {
  return links.flatMap((link) => [{ link, depth }, ...flattened(link.links, depth + 1)]);
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 23);
}

function waits(count: number): string {
  return count === 1 ? 'one wait' : `${formatCount(count)} waits`;
}

function sessions(count: number): string {
  return count === 1 ? 'one statement' : `${formatCount(count)} statements`;
}
