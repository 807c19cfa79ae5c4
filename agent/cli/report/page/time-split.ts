/** Where database time went, as far as it was measured: on a CPU, waiting for a CPU, and the remainder. */
import { formatDuration, formatShare } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Query } from '../queries.js';

interface Part {
  name: string;
  /** The class that colours it. */
  kind: 'cpu' | 'queue' | 'rest';
  seconds: number;
}

export function timeSplitSection({ queries }: Recording): Html {
  const parts = partsOf(queries);
  if (parts.length === 0)
    return html`<section id="time"><h2>Where time went</h2><p class="empty">No database time was recorded.</p></section>`;
  const blocks = sum(queries, ({ counters }) => counters.blockReadSeconds + counters.blockWriteSeconds);
  return html`<section id="time"><h2>Where time went</h2>
${timeSplit(queries)}
<p class="note">CPU and run queue are measured. The remainder is everything that a backend waits for: storage, locks, its client, WAL. ${
    blocks > 0
      ? html`PostgreSQL itself measured ${formatDuration(blocks)} of reading and writing blocks (track_io_timing); most of it is in the remainder, some on the CPU.`
      : 'With track_io_timing the time to read and write blocks would be shown here.'
  } CPU and run queue of parallel workers are their statement’s; where they exceed its time, only its time is shown here. The run queue includes the moment in which a request wakes its backend.</p></section>`;
}

/** The bar and its legend, for all queries or for one. */
export function timeSplit(queries: readonly Query[]): Html {
  const parts = partsOf(queries);
  const total = sum(parts, ({ seconds }) => seconds);
  return html`<div class="split" role="img" aria-label="${parts.map(({ name, seconds }) => `${name} ${formatShare(seconds / total)}`).join(', ')}">${parts.map(
    ({ kind, seconds }) =>
      html`<span class="${kind}" style="flex-grow:${Math.round((seconds / total) * 10_000)}"></span>`,
  )}</div>
<ul class="split-legend">${parts.map(
    ({ name, kind, seconds }) =>
      html`<li><i class="swatch ${kind}"></i><span>${name}</span> <b>${formatShare(seconds / total)}</b> <span class="quiet">${formatDuration(seconds)}</span></li>`,
  )}</ul>`;
}

function partsOf(queries: readonly Query[]): Part[] {
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
    { name: 'on a CPU', kind: 'cpu', seconds: shownCpu },
    { name: 'ready, waiting for a CPU', kind: 'queue', seconds: shownQueue },
    { name: 'remainder: I/O, locks and other waits', kind: 'rest', seconds: duration - shownCpu - shownQueue },
  ];
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
