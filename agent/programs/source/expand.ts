/**
 * The text that bpftrace gets: the placeholder replaced, comments blanked, the probe appended that prints the maps. Lines stay where they
 * were, so that what bpftrace says about a line is true of the source.
 */
import type { CheckedSource } from './check.js';
import { PLACEHOLDER_LINE } from './check.js';
import { PLACEHOLDER } from './predicate.js';
import type { Token } from './tokens.js';

/** Which processes belong to the target, as the kernel knows them. */
export type TargetProcesses =
  /** A server on this host: its postmaster, by the PID in the kernel's first PID namespace, and all of its children. */
  | { postmaster: number }
  /** What runs in a container: the inode of its PID namespace. */
  | { pidNamespace: number }
  /** Every process of the machine. */
  | 'node';

export interface Expansion {
  source: CheckedSource;
  processes: TargetProcesses;
  /** The server's executable, as bpftrace finds it. */
  executable: string;
  /** Maps that are printed, without the @. */
  maps: readonly string[];
  intervalMs: number;
}

export function expandSource({ source, processes, executable, maps, intervalMs }: Expansion): string {
  const condition = conditionOf(processes);
  const all = [
    ...blanks(source),
    ...placeholders(source, condition),
    ...executables(source, executable),
    ...lastPrints(source, maps),
  ];
  const edits = all.sort((a, b) => a.start - b.start);
  let expanded = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    expanded += source.text.slice(at, start) + text;
    at = end;
  }
  return `${expanded}${source.text.slice(at)}\n${printing(maps, intervalMs)}`;
}

const EXECUTABLE = /^(?:(?:.*\/)?postgres|\/proc\/\$1\/exe)$/;

interface Edit {
  start: number;
  end: number;
  text: string;
}

function conditionOf(processes: TargetProcesses): string {
  if (processes === 'node') return '(1)';
  if ('pidNamespace' in processes)
    return `(curtask->nsproxy->pid_ns_for_children->ns.inum == ${processes.pidNamespace})`;
  const { postmaster } = processes;
  return `(curtask->real_parent->tgid == ${postmaster} || pid == ${postmaster})`;
}

/** Comments, the first line's `#!` and the placeholder's definition for plain use. */
function blanks({ parts }: CheckedSource): Edit[] {
  const lines = parts.directives.filter(
    ({ text, start }) => PLACEHOLDER_LINE.test(text) || (start === 0 && text[1] === '!'),
  );
  return [...parts.comments, ...lines].map(({ start, end, text }) => ({
    start,
    end,
    text: text.replace(/[^\n]/g, ' '),
  }));
}

/**
 * In a predicate the condition stands in front of all else, in parentheses: so it restricts the probe whatever follows it, and the check of
 * the source need not be trusted for that.
 */
function placeholders({ parts }: CheckedSource, condition: string): Edit[] {
  return parts.probes.flatMap(({ predicate, block }) => {
    const inPredicate = predicate?.tokens.filter(isPlaceholder) ?? [];
    const inBlock = block.tokens.filter(isPlaceholder).map((token) => replaced(token, condition));
    if (predicate === undefined || inPredicate.length === 0) return inBlock;
    const { start, end } = predicate;
    return [
      { start, end: start + 1, text: `/${condition} && (` },
      ...inPredicate.map((token) => replaced(token, '1')),
      { start: end - 1, end, text: ')/' },
      ...inBlock,
    ];
  });
}

/** Before END shows some of it, and clears it, all of it is told. */
function lastPrints({ parts }: CheckedSource, maps: readonly string[]): Edit[] {
  if (maps.length === 0) return [];
  const ends = parts.probes.filter(({ attachPoints }) => attachPoints.some(({ provider }) => provider === 'END'));
  return ends.map(({ block }) => ({ start: block.start + 1, end: block.start + 1, text: ` ${prints(maps)}` }));
}

/** A path that ends in `postgres`, and that of the postmaster's executable in /proc, mean the executable of the server, wherever that lies. */
function executables({ parts }: CheckedSource, executable: string): Edit[] {
  return parts.probes.flatMap(({ attachPoints }) =>
    attachPoints.flatMap(({ text, start }) => {
      const [, before, path] = /^((?:uprobe|uretprobe|usdt|ur?|U):)((?:"[^"]*"|[^:"])+)(?=:)/.exec(text) ?? [];
      if (before === undefined || path === undefined || !EXECUTABLE.test(path.replaceAll('"', ''))) return [];
      const from = start + before.length;
      return [{ start: from, end: from + path.length, text: executable }];
    }),
  );
}

function isPlaceholder({ kind, text }: Token): boolean {
  return kind === 'word' && text === PLACEHOLDER;
}

function replaced({ start, end }: Token, text: string): Edit {
  return { start, end, text };
}

function printing(maps: readonly string[], intervalMs: number): string {
  if (maps.length === 0) return '';
  return `interval:ms:${intervalMs} { ${prints(maps)} }\n`;
}

function prints(maps: readonly string[]): string {
  return maps.map((name) => `print(@${name});`).join(' ');
}
