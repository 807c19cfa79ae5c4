/** What was lost, as sentences: which effect it has on the result, and what to do about it. */

import type { CaptureLoss, Loss } from '../../telemetry.js';
import { some } from '../quantities.js';

type Sentence = (count: number) => string;

const sentences: Record<CaptureLoss, Sentence> = {
  recordsRateLimitedFailed: (n) => `${some(n, 'failed statement')} did not become spans: raise --max-per-second.`,
  recordsRateLimitedSlow: (n) =>
    `${some(n, 'slow statement')} did not become spans: raise --max-per-second or --min-duration.`,
  recordsRateLimitedTraced: (n) =>
    `${some(n, 'statement')} with a trace context did not become spans: raise --max-per-second.`,
  recordsRateLimitedSampled: (n) =>
    `${some(n, 'sampled statement')} did not become spans: raise --max-per-second or lower --sample-ratio.`,
  recordsRingFull: (n) =>
    `${some(n, 'statement')} did not become spans, since the ring buffer was full: capture fewer.`,
  queryTextsRingFull: (n) => `${some(n, 'query text')} came late, since the ring buffer was full.`,
  queriesOverflow: (n) =>
    `${some(n, 'statement')} can be found under "(other queries)" only, since there were too many different ones: lower --interval.`,
  queriesForgotten: (n) => `${some(n, 'query', 'queries')} without a text, since there were too many different ones.`,
  textUnreadable: (n) => `${some(n, 'statement')} without a text that could be read.`,
  textTruncated: (n) => `${some(n, 'statement')} longer than is read: what differs only behind that is one query.`,
  textEndsUnread: (n) => `${some(n, 'statement')} too long to look for a trace context at the end of the text.`,
  scratchBusy: (n) => `${some(n, 'statement')} not counted, since the working memory of the CPU was in use.`,
  countersUnreadable: (n) => `${some(n, 'statement')} counted without blocks and WAL, which could not be read.`,
  backendsUntagged: (n) => `${some(n, 'process', 'processes')} of the servers could not be watched.`,
  waitsOverflow: (n) => `${some(n, 'wait')} counted by type alone, since there were too many different ones.`,
  waitsFurther: (n) => `${some(n, 'wait')} without a name, as the statement had too many different ones.`,
  longWaitsUntold: (n) => `${some(n, 'span')} with more long waits than become spans of their own.`,
  locksUninspected: (n) => `${some(n, 'wait')} for locks without those who held them: too many in a second.`,
  ioOverflow: (n) =>
    `${some(n, 'system call')} on files counted without kind of file: there were too many different ones.`,
  nestedUntold: (n) =>
    `${some(n, 'execution')} inside functions and triggers did not become spans: their statement had too many of them.`,
  switchesUnseen: (n) =>
    `${some(n, 'switch', 'switches')} of processes not traced by the kernel: the time is counted, its reason is not known.`,
  drainsUnread: (n) =>
    `The tracer could not read the kernel's sums (${some(n, 'time')}); a later reading had them, unless the server had ended.`,
  portalsUnreadable: (n) =>
    `${some(n, 'part')} of statements fetched in parts not recognized: such a statement counts with its last part.`,
  contextPortalsUnreadable: (n) => `${some(n, 'statement')} with a trace context that may be an earlier execution's.`,
  drainsFailed: (n) => `The tracer did not tell what it had counted (${some(n, 'time')}).`,
  tracerRestarts: (n) => `The tracer died and was started again (${some(n, 'time')}): what it had not told is missing.`,
  linesMalformed: (n) => `${some(n, 'line')} of the tracer could not be used.`,
};

/** One sentence for each loss that is not 0, in a fixed order; those without a sentence of their own by their names. */
export function lossSentences(losses: Record<string, number>): string[] {
  const known = Object.entries(sentences).map(([name, sentence]) => [losses[name] ?? 0, sentence] as const);
  const others = Object.entries(losses)
    .filter(([name]) => !Object.hasOwn(sentences, name))
    .map(([name, count]) => [count, (n: number) => `${name}: ${n.toLocaleString('en-US')}.`] as const);
  return [...known, ...others].filter(([count]) => count > 0).map(([count, sentence]) => sentence(count));
}

const exportReasons: Record<string, string> = {
  queueFull: 'the queue was full',
  refused: 'the receiver refused them',
  rejected: 'the receiver took their request only in part',
  retriesExhausted: 'the receiver was away for too long',
  shutdown: 'the receiver did not take them before the end',
  writeFailed: 'the file could not be written',
};

/** What was lost on the way out; losses of the capture itself are left to `lossSentences`. */
export function exportLossSentences(losses: readonly Loss[]): string[] {
  return losses.filter(({ count, stage }) => count > 0 && stage !== 'capture').map(exportLossSentence);
}

function exportLossSentence({ stage, reason, signal, exporter, count }: Loss): string {
  if (stage === 'export') {
    const items = some(count, { traces: 'span', metrics: 'data point', logs: 'log record' }[signal ?? 'metrics']);
    const where = exporter === 'file' ? 'the OTLP file' : 'the OTLP receiver';
    return `${items} did not reach ${where}: ${exportReasons[reason] ?? reason}.`;
  }
  if (reason === 'queriesOverflow')
    return `${some(count, 'statement')} exported in one series for all other queries: raise --max-queries.`;
  if (reason === 'descriptionsForgotten')
    return `${some(count, 'query', 'queries')} exported without a text, since there were too many different ones.`;
  return `${reason}: ${count.toLocaleString('en-US')}.`;
}
