/** The table of queries: sortable, each row opens the query's text and details. */
import { countOf, quantile } from '../../histogram.js';
import { formatBytes, formatCount, formatDuration, formatShare } from '../../quantities.js';
import { waitSeconds } from '../../waits.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Query } from '../queries.js';
import type { RowRange } from './heatmap.js';
import { COLORED } from './load.js';
import { placesOf } from './place.js';
import { queryDetail } from './query-detail.js';
import { hasStatements, hasWaits } from './sessions.js';

/** Rows of the table; what comes after is summed up in one line. */
export const MAX_ROWS = 100;

/** Rows that are shown at first; page/style.ts hides those behind. */
const FIRST_ROWS = 25;

interface Column {
  title: string;
  /** What the title stands for. */
  hint: string;
  /** `statements`: only where durations are known; `time`: only where they are not; `waits`: only where waits are. */
  needs?: 'statements' | 'time' | 'waits';
  value(query: Query): number | undefined;
  text(value: number | undefined): string;
}

const COLUMNS: Column[] = [
  {
    title: 'Time',
    hint: 'database time: server time of all executions',
    value: ({ timeSeconds }) => timeSeconds,
    text: formatDuration,
  },
  {
    title: 'Calls',
    needs: 'statements',
    hint: 'completed statements',
    value: ({ counters }) => counters.calls,
    text: formatCount,
  },
  {
    title: 'Mean',
    needs: 'statements',
    hint: 'mean time of a statement, failed ones included',
    value: meanOf,
    text: formatDuration,
  },
  {
    title: 'p50',
    needs: 'statements',
    hint: 'half of the statements were faster',
    value: ({ latency }) => quantile(latency, 0.5),
    text: formatDuration,
  },
  {
    title: 'p95',
    needs: 'statements',
    hint: '95 of 100 were faster',
    value: ({ latency }) => quantile(latency, 0.95),
    text: formatDuration,
  },
  {
    title: 'p99',
    needs: 'statements',
    hint: '99 of 100 were faster',
    value: ({ latency }) => quantile(latency, 0.99),
    text: formatDuration,
  },
  {
    title: 'Rows',
    needs: 'statements',
    hint: 'rows returned or changed',
    value: ({ counters }) => counters.rows,
    text: formatCount,
  },
  { title: 'CPU', hint: 'time on a CPU', value: ({ counters }) => counters.cpuSeconds, text: formatDuration },
  {
    title: 'Run queue',
    needs: 'time',
    hint: 'time ready to run, waiting for a CPU',
    value: ({ counters }) => counters.runQueueSeconds,
    text: formatDuration,
  },
  {
    title: 'Waits',
    needs: 'waits',
    hint: 'time in wait events',
    value: ({ waits }) => waitSeconds(waits),
    text: formatDuration,
  },
  {
    title: 'Read',
    hint: 'shared blocks read, in bytes of 8 KiB blocks',
    value: ({ counters }) => counters.sharedRead * 8192,
    text: formatBytes,
  },
  { title: 'WAL', hint: 'bytes of write-ahead log', value: ({ counters }) => counters.walBytes, text: formatBytes },
  {
    title: 'Errors',
    needs: 'statements',
    hint: 'failed statements',
    value: ({ counters }) => counters.errors,
    text: formatCount,
  },
];

export function queryTable(recording: Recording, range: RowRange | undefined): Html {
  const { queries } = recording;
  const heading = html`<h2>Queries</h2>`;
  if (queries.length === 0)
    return html`<section id="queries">${heading}<p class="empty">No query was recorded.</p></section>`;
  const total = queries.reduce((sum, { timeSeconds }) => sum + timeSeconds, 0);
  const columns = columnsOf(recording);
  const shown = Math.min(MAX_ROWS, queries.length);
  const places = placesOf(queries, recording.servers);
  const row = (query: Query, index: number): Html =>
    rowOf({
      recording,
      columns,
      query,
      index,
      share: total === 0 ? 0 : query.timeSeconds / total,
      place: places.common === undefined ? places.of(query) : '',
      range,
    });
  return html`<section id="queries">${heading}
<p class="lead">By database time${places.common !== undefined && `, all of ${places.common}`}. Click a title to sort, a query to see its text and how its latency went.</p>
<div class="scroll"><table class="queries">
<thead><tr><th scope="col" class="query"><button type="button" data-sort="0">Query</button></th>
<th scope="col"><button type="button" data-sort="1" aria-sort="descending" title="share of all database time">Share</button></th>
${columns.map(({ title, hint }, index) => html`<th scope="col"><button type="button" data-sort="${index + 2}" title="${hint}">${title}</button></th>`)}</tr></thead>
${queries.slice(0, MAX_ROWS).map(row)}
</table></div>${shown > FIRST_ROWS && html`<button type="button" class="all-queries">Show ${shown - FIRST_ROWS} more</button>`}${rest(queries.slice(MAX_ROWS), total)}</section>`;
}

function columnsOf(recording: Recording): Column[] {
  const isTimed = hasStatements(recording);
  const has = { statements: isTimed, time: !isTimed, waits: hasWaits(recording) };
  return COLUMNS.filter(({ needs }) => needs === undefined || has[needs]);
}

interface Row {
  recording: Recording;
  columns: readonly Column[];
  query: Query;
  index: number;
  share: number;
  /** Empty where it is the same for all. */
  place: string;
  range: RowRange | undefined;
}

function rowOf({ recording, columns, query, index, share, place, range }: Row): Html {
  const color = index < COLORED ? `c${index + 1}` : '';
  return html`<tbody id="query-${index}">
<tr><th scope="row" class="query" data-value="${query.summary}"><button type="button" class="toggle" aria-expanded="false"><i class="swatch ${color}"></i><span class="summary" title="${query.summary}">${query.summary}</span>${place !== '' && html`<span class="where">${place}</span>`}</button></th>
<td data-value="${share}"><span class="share"><span style="width:${Math.round(share * 1000) / 10}%"></span></span><span class="share-text">${formatShare(share)}</span></td>
${columns.map((column) => cell(column, query))}</tr>
<tr class="detail"><td colspan="${columns.length + 2}">${queryDetail(recording, query, range)}</td></tr></tbody>`;
}

function cell({ title, value, text }: Column, query: Query): Html {
  const number = value(query);
  const isAlarm = title === 'Errors' && number !== undefined && number > 0;
  const style = isAlarm ? 'alarm' : number === 0 ? 'zero' : '';
  return html`<td class="${style}" data-value="${number ?? -1}">${text(number)}</td>`;
}

function rest(queries: readonly Query[], total: number): Html | undefined {
  if (queries.length === 0) return undefined;
  const seconds = queries.reduce((sum, { timeSeconds }) => sum + timeSeconds, 0);
  return html`<p class="note">${formatCount(queries.length)} more queries took ${formatDuration(seconds)} together, ${formatShare(seconds / total)} of database time.</p>`;
}

/** Mean seconds of completed and failed statements; undefined if there were none. */
function meanOf({ counters, latency, durationSeconds }: Query): number | undefined {
  const statements = Math.max(counters.calls + counters.errors, countOf(latency));
  return statements === 0 ? undefined : durationSeconds / statements;
}
