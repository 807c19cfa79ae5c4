/** What opens below a query of the table: its text, its counters, where its time went, its phases, its latency over time. */
import { formatBytes, formatCount, formatShare } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { Query } from '../queries.js';
import { heatmap, type RowRange } from './heatmap.js';
import { phaseSplit } from './phase-split.js';
import { hasWaits } from './sessions.js';
import { timeSplit } from './time-split.js';

export function queryDetail(recording: Recording, query: Query, range: RowRange | undefined): Html {
  return html`<div class="opened">
${query.text === undefined ? html`<p class="empty">The text of this query was not recorded.</p>` : html`<pre class="sql">${query.text}</pre>`}
<dl class="facts">${facts(query).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${query.timeSeconds > 0 && timeSplit(query, hasWaits(recording))}
${phaseSplit(query)}
${range !== undefined && query.durationSeconds > 0 && heatmap(recording, [query], range, 'small')}
</div>`;
}

/** Only what the query did: a fact that is zero is left out. */
function facts({ counters, fingerprint }: Query): [name: string, value: string][] {
  const { sharedHit, sharedRead, sharedDirtied, sharedWritten, localRead, tempRead, tempWritten } = counters;
  const statements = Math.max(1, counters.calls + counters.errors);
  const rows: [name: string, amount: number, value: string][] = [
    ['rows per call', counters.rows, formatCount(Math.round((counters.rows / statements) * 100) / 100)],
    ['blocks from buffers', sharedHit, formatShare(sharedHit / (sharedHit + sharedRead))],
    ['shared blocks hit', sharedHit, formatCount(sharedHit)],
    ['shared blocks read', sharedRead, formatCount(sharedRead)],
    ['shared blocks dirtied', sharedDirtied, formatCount(sharedDirtied)],
    ['shared blocks written', sharedWritten, formatCount(sharedWritten)],
    ['local blocks read', localRead, formatCount(localRead)],
    ['temp blocks read', tempRead, formatCount(tempRead)],
    ['temp blocks written', tempWritten, formatCount(tempWritten)],
    ['read (kernel)', counters.storageReadBytes, formatBytes(counters.storageReadBytes)],
    ['dirtied (kernel)', counters.storageWriteBytes, formatBytes(counters.storageWriteBytes)],
    ['WAL', counters.walBytes, formatBytes(counters.walBytes)],
    ['WAL records', counters.walRecords, formatCount(counters.walRecords)],
    ['minor page faults', counters.minorFaults, formatCount(counters.minorFaults)],
    ['major page faults', counters.majorFaults, formatCount(counters.majorFaults)],
    ['from the client', counters.receivedBytes, formatBytes(counters.receivedBytes)],
    ['to the client', counters.sentBytes, formatBytes(counters.sentBytes)],
  ];
  const present = rows.filter(([, amount]) => amount > 0).map(([name, , value]): [string, string] => [name, value]);
  return fingerprint === '' ? present : [...present, ['fingerprint', fingerprint]];
}
