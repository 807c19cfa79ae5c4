/** Who waits for whom now, as text: two lines for each session, those that wait below the one that they wait for. */
import type { LockSession, LockWait } from '../../capture.js';
import { compactDuration } from '../quantities.js';
import { cut, type Line, line, run } from './lines.js';
import { type LockNode, lockTrees, pruned } from './lock-tree.js';
import type { QueryTotals, View } from './view.js';
import { printable } from './width.js';

/** All of them; `no session waits` if there are none. */
export function lockLines({ locks, seconds }: View, columns: number): Line[] {
  if (locks.waits.length === 0) {
    const text = seconds === 0 ? 'The first ones are told after one interval.' : 'No session waits for a lock.';
    return [heading(columns), line(`  ${text}`, 'dim')];
  }
  return treeLines(lockTrees(locks.waits), locks.untold, columns);
}

/** Those that have to do with one query: its sessions that wait, those for whom they wait, and who waits for them. */
export function lockLinesOf(query: QueryTotals, { locks }: View, columns: number): Line[] {
  const trees = pruned(lockTrees(locks.waits), (node) => isOf(query, node));
  return trees.length === 0 ? [] : [[], ...treeLines(trees, locks.untold, columns)];
}

/** The line that says that there are any. */
export function lockAlarm({ locks: { waits, untold } }: View): string | undefined {
  const count = waits.length + untold;
  if (count === 0) return undefined;
  const longest = Math.max(...waits.map(({ seconds = 0 }) => seconds));
  return `${sessions(count)} for a lock now, the longest ${compactDuration(longest)}`;
}

/** Of who holds a lock neither database nor user is known. */
function isOf(query: QueryTotals, { target, session, wait }: LockNode): boolean {
  if (!query.key.startsWith(`${target} `)) return false;
  if (wait !== undefined && (wait.database !== query.database || wait.user !== query.user)) return false;
  return query.text === undefined ? session.summary === query.summary : session.text === query.text;
}

function treeLines(trees: readonly LockNode[], untold: number, columns: number): Line[] {
  const lines = trees.flatMap((root) => nodeLines(root, { first: '', others: '' }));
  const more = untold === 0 ? [] : [line(`  … ${sessions(untold)}, for which there was no room`, 'dim')];
  return [heading(columns), ...lines, ...more].map((each) => cut(each, columns));
}

function heading(columns: number): Line {
  return line('LOCKS: WHO WAITS FOR WHOM NOW'.padEnd(columns), 'heading');
}

/** What stands in front of a session's first line, and in front of all that belongs to it. */
interface Indent {
  first: string;
  others: string;
}

function nodeLines(node: LockNode, { first, others }: Indent): Line[] {
  const { session, waiters } = node;
  const isLast = (index: number) => index === waiters.length - 1;
  return [
    [run(printable(first), 'dim'), run(`pid ${session.pid}`, 'bold'), run(printable(` ${words(node)}`))],
    [run(printable(`${others}${waiters.length > 0 ? '│ ' : '  '}`), 'dim'), run(printable(textOf(session)), 'accent')],
    ...waiters.flatMap((waiter, index) =>
      nodeLines(waiter, {
        first: `${others}${isLast(index) ? '└ ' : '├ '}`,
        others: `${others}${isLast(index) ? '  ' : '│ '}`,
      }),
    ),
  ];
}

/** What says most comes first: the line may be cut. */
function words({ session, wait, isQueued, others, deadlockWith, below }: LockNode): string {
  const { application, backendType, transactionSeconds } = session;
  const parts = [
    wait === undefined ? (session.state ?? backendType ?? 'state not known') : waiting(wait),
    isQueued ? 'queued' : '',
    deadlockWith === undefined ? '' : `for pid ${deadlockWith} below: a deadlock`,
    wait !== undefined && wait.blockers.length === 0 ? 'nobody seen to hold it' : '',
    wait === undefined ? `blocks ${below.sessions}` : '',
    others.length === 0 ? '' : `also for ${others.join(', ')}`,
    transactionSeconds === undefined ? '' : `transaction ${compactDuration(transactionSeconds)}`,
    wait === undefined || backendType === undefined ? '' : backendType,
    application,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function waiting({ seconds, mode, object }: LockWait): string {
  const long = seconds === undefined ? '' : ` ${compactDuration(seconds)}`;
  return `waits${long}: ${mode} on ${object}`;
}

function textOf({ text, summary }: LockSession): string {
  return (text ?? summary ?? '(its statement is not known)').replace(/\s+/g, ' ').trim();
}

function sessions(count: number): string {
  return count === 1 ? '1 session waits' : `${count} sessions wait`;
}
