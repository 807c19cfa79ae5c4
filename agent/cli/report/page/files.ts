/** The table of what was done with files: kinds and operations, how often, how much and how long. */
import { quantile } from '../../histogram.js';
import { formatBytes, formatCount, formatDuration, formatShare } from '../../quantities.js';
import type { FileCalls } from '../files.js';
import { type Html, html } from '../html.js';

export const KIND_NAMES: Record<string, string> = {
  relation: 'Tables and indexes',
  wal: 'WAL',
  temporary: 'Temporary files',
  other: 'Other files',
  unknown: 'Not known',
};

const OPERATION_NAMES: Record<string, string> = {
  read: 'read',
  write: 'write',
  allocate: 'allocate',
  writeback: 'start writing to storage',
  sync: 'sync',
  io_uring: 'io_uring: submit or wait',
};

/** Undefined where nothing was recorded of them: older versions of pgscope did not. */
export function fileTable(files: readonly FileCalls[]): Html | undefined {
  if (files.length === 0) return undefined;
  return html`<div class="scroll"><table class="events"><thead><tr><th scope="col">Files</th><th scope="col" class="text">Operation</th><th scope="col">Calls</th><th scope="col">Bytes</th><th scope="col">From storage</th><th scope="col">Time</th><th scope="col">Average</th><th scope="col">p99</th><th scope="col" class="text">Most of it by</th></tr></thead>
<tbody>${files.map((each, at) => rowOf(each, files[at - 1]))}</tbody></table></div>
<p class="note">Each system call on a file is counted, whether the kernel’s page cache answers it or storage: “from storage” is what the kernel had to read for these calls, and what it read ahead. A write ends in the page cache; what storage takes is seen in the syncs. What io_uring reads is counted where a session submits it or waits for it, not as bytes.</p>`;
}

function rowOf(each: FileCalls, before: FileCalls | undefined): Html {
  const { kind, operation, calls, errors, bytes, storageReadBytes, seconds, durations, processes } = each;
  const name = kind === before?.kind ? '' : (KIND_NAMES[kind] ?? kind);
  const [most] = [...processes].sort((a, b) => b[1] - a[1]);
  const share = most !== undefined && processes.size > 1 && seconds > 0 ? ` ${formatShare(most[1] / seconds)}` : '';
  return html`<tr><th scope="row">${name}</th><td class="text">${OPERATION_NAMES[operation] ?? operation}</td><td>${formatCount(calls)}${errors > 0 && html` <span class="quiet">${formatCount(errors)} failed</span>`}</td>
<td>${bytes > 0 && formatBytes(bytes)}</td><td>${storageReadBytes > 0 && formatBytes(storageReadBytes)}</td><td>${formatDuration(seconds)}</td><td>${formatDuration(calls === 0 ? undefined : seconds / calls)}</td><td>${formatDuration(quantile(durations, 0.99))}</td><td class="text">${most?.[0] ?? ''}${share}</td></tr>`;
}
