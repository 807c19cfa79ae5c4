/** Where database time went: on a CPU, waiting for a CPU, and in which waits; in older recordings what remains is not known. */
import { sharesOf, sumLoads, totalOf } from '../../load.js';
import { formatDuration, formatShare } from '../../quantities.js';
import { addWaits } from '../../waits.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Query } from '../queries.js';
import { MEANING, styleOf } from './class-style.js';
import { eventTable } from './events.js';
import { hasWaits } from './sessions.js';

export interface Part {
  name: string;
  /** The class that colours it. */
  style: string;
  seconds: number;
  /** Among how many its time divides, where that is told, too. */
  statements?: number;
}

export function timeSplitSection(recording: Recording): Html {
  const { queries } = recording;
  const isMeasured = hasWaits(recording);
  const parts = partsOf(queries, isMeasured);
  if (parts.length === 0)
    return html`<section id="time"><h2>Where time went</h2><p class="empty">No database time was recorded.</p></section>`;
  return html`<section id="time"><h2>Where time went</h2>
${splitBar(parts)}
${isMeasured ? html`${allEvents(queries)}${measuredNote()}` : remainderNote(queries)}</section>`;
}

/** The bar and its legend for one query, and event by event where waits were measured. */
export function timeSplit(query: Query, isMeasured: boolean): Html {
  const { load, waits, counters, durationSeconds } = query;
  const calls = durationSeconds > 0 ? counters.calls + counters.errors : undefined;
  return html`${splitBar(partsOf([query], isMeasured))}${isMeasured && eventTable({ load, waits, calls })}`;
}

/** Stacked, with name, share and time of each below. */
export function splitBar(parts: readonly Part[]): Html {
  const total = sum(parts, ({ seconds }) => seconds);
  return html`<div class="split" role="img" aria-label="${parts.map(({ name, seconds }) => `${name} ${formatShare(seconds / total)}`).join(', ')}">${parts.map(
    ({ style, seconds }) =>
      html`<span class="${style}" style="flex-grow:${Math.round((seconds / total) * 10_000)}"></span>`,
  )}</div>
<ul class="split-legend">${parts.map(
    ({ name, style, seconds, statements = 0 }) =>
      html`<li><i class="swatch ${style}"></i><span>${name}</span> <b>${formatShare(seconds / total)}</b> <span class="quiet">${formatDuration(seconds)}${statements > 0 && `, ${formatDuration(seconds / statements)} per call`}</span></li>`,
  )}</ul>`;
}

function allEvents(queries: readonly Query[]): Html {
  const waits = queries.reduce<Query['waits']>((all, query) => addWaits(all, query.waits), []);
  return eventTable({
    load: sumLoads(queries.map(({ load }) => load)),
    waits: waits.toSorted((a, b) => b.seconds - a.seconds),
    calls: undefined,
    mostlyIn: (event) => mostlyIn(queries, event),
  });
}

function mostlyIn(queries: readonly Query[], event: string): string {
  const secondsIn = (query: Query) => query.waits.find(({ name }) => name === event)?.seconds ?? 0;
  const all = sum(queries, secondsIn);
  const [first] = queries;
  if (first === undefined || all === 0) return '';
  const most = queries.reduce((best, query) => (secondsIn(query) > secondsIn(best) ? query : best), first);
  return `${most.summary} (${formatShare(secondsIn(most) / all)})`;
}

function measuredNote(): Html {
  return html`<p class="note">All of it is measured, from the kernel’s scheduler: a process that leaves the CPU is in the run queue, or in the wait event that PostgreSQL shows at this moment. A wait that spins is CPU time; a block that the kernel has in its page cache is read without a wait. <b>Kernel</b> stands for waits without an event: page faults, storage, sleep. Parallel workers’ time is their statement’s, so that all parts together can be more than the durations of statements.</p>`;
}

function remainderNote(queries: readonly Query[]): Html {
  const blocks = sum(queries, ({ counters }) => counters.blockReadSeconds + counters.blockWriteSeconds);
  return html`<p class="note">CPU and run queue are measured. The remainder is everything that a backend waits for: storage, locks, its client, WAL. ${
    blocks > 0
      ? html`PostgreSQL itself measured ${formatDuration(blocks)} of reading and writing blocks (track_io_timing); most of it is in the remainder, some on the CPU.`
      : 'With track_io_timing the time to read and write blocks would be shown here.'
  } CPU and run queue of parallel workers are their statement’s; where they exceed its time, only its time is shown here. The run queue includes the moment in which a request wakes its backend.</p>`;
}

function partsOf(queries: readonly Query[], isMeasured: boolean): Part[] {
  return isMeasured ? measuredParts(queries) : remainderParts(queries);
}

function measuredParts(queries: readonly Query[]): Part[] {
  const load = sumLoads(queries.map((query) => query.load));
  const total = totalOf(load);
  return sharesOf(load).map(([name, share]) => ({
    name: name === 'CPU' || name === 'run queue' ? MEANING[name] : name,
    style: styleOf(name),
    seconds: share * total,
  }));
}

function remainderParts(queries: readonly Query[]): Part[] {
  const each = queries.map(({ durationSeconds, counters }) =>
    timeParts({ duration: durationSeconds, cpu: counters.cpuSeconds, queue: counters.runQueueSeconds }),
  );
  const parts = timeParts({ duration: 0, cpu: 0, queue: 0 }).map((part, index) => ({
    ...part,
    seconds: sum(each, (own) => own[index]?.seconds ?? 0),
  }));
  return sum(parts, ({ seconds }) => seconds) > 0 ? parts : [];
}

/**
 * What is measured, and what remains; all in seconds, `duration` together. Parallel workers can have more CPU time than their statement
 * took, and the wait for a CPU that ends when a request has woken its backend lies before its statement: what exceeds the duration is
 * not shown.
 */
export function timeParts({ duration, cpu, queue }: { duration: number; cpu: number; queue: number }): Part[] {
  const shownCpu = Math.min(cpu, duration);
  const shownQueue = Math.min(queue, duration - shownCpu);
  return [
    { name: MEANING.CPU, style: styleOf('CPU'), seconds: shownCpu },
    { name: MEANING['run queue'], style: styleOf('run queue'), seconds: shownQueue },
    { name: 'remainder: I/O, locks and other waits', style: 'rest', seconds: duration - shownCpu - shownQueue },
  ];
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
