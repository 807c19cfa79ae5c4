/** What a program must not be: not restricted to its target, or able to do more than look. */
import { type AttachPoint, hasWildcard } from './attach-points.js';
import { isRestricted, PLACEHOLDER } from './predicate.js';
import { type Directive, type Probe, readSource, type SourceParts } from './read.js';
import { type Refusal, SourceError } from './refusal.js';
import { lineAt, type Token } from './tokens.js';

export interface CheckedSource {
  text: string;
  parts: SourceParts;
  /** The maps that hold what count(), hist() and the like make. */
  aggregates: Aggregate[];
  /** Whether it reads text from memory, which may be that of a statement. */
  readsText: boolean;
  /** The formats of its printf()s, as they are written, each once. */
  formats: string[];
  /** Places to attach to, and whether all of them are told one by one. */
  attachPoints: number;
  isCounted: boolean;
  /** Without BEGIN, END and interval, which are everywhere. */
  eventPoints: number;
}

export interface Aggregate {
  /** Without the @; empty for the map that is nothing else. */
  name: string;
  call: string;
  isKeyed: boolean;
}

/** Their probes see nothing of anybody unless they look for it. */
const FREE_PROVIDERS = new Set(['BEGIN', 'END', 'interval']);
const PROVIDERS = new Set([
  ...FREE_PROVIDERS,
  ...['uprobe', 'uretprobe', 'usdt', 'kprobe', 'kretprobe', 'kfunc', 'kretfunc'],
  ...['tracepoint', 'rawtracepoint', 'software', 'hardware', 'profile'],
]);
const MAX_ATTACH_POINTS = 64;
const MOST_REFUSALS = 20;

const REFUSED_FUNCTIONS: Record<string, string> = {
  system: 'it runs a command',
  signal: 'it sends a signal',
  signal_thread: 'it sends a signal',
  override: 'it changes what the kernel does',
  cat: 'it reads a file of the machine',
  skboutput: 'it writes a file',
  debugf: "it writes to the kernel's log of traces",
  unwatch: 'watchpoints are not available',
};

const READS_TEXT = new Set(['str', 'buf', 'join', 'path', 'kstr', 'ustr']);
const AGGREGATIONS = new Set(['count', 'sum', 'avg', 'min', 'max', 'stats', 'hist', 'lhist']);

/** `scope`: node where a program may look at every process. */
export function checkSource(text: string, scope: 'target' | 'node'): CheckedSource | { refusals: Refusal[] } {
  let parts: SourceParts;
  try {
    parts = readSource(text);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { refusals: [{ line: lineAt(text, error.at), reason: error.message }] };
  }
  const found = [
    ...parts.directives.flatMap(directiveFaults),
    ...parts.probes.flatMap((probe) => probeFaults(probe, scope)),
    ...parts.definitions.flatMap(({ tokens }) => tokenFaults(tokens)),
    ...shapeFaults(parts),
  ];
  if (found.length > 0) {
    const first = found.sort((a, b) => a.at - b.at).slice(0, MOST_REFUSALS);
    return { refusals: first.map(({ at, reason }) => ({ line: lineAt(text, at), reason })) };
  }
  const points = parts.probes.flatMap(({ attachPoints }) => attachPoints);
  return {
    text,
    parts,
    aggregates: aggregatesOf(parts),
    readsText: parts.probes.some(({ block }) => block.tokens.some(({ text: word }) => READS_TEXT.has(word))),
    formats: formatsOf(parts),
    attachPoints: points.length,
    isCounted: !points.some(hasWildcard),
    eventPoints: points.filter(({ provider }) => !FREE_PROVIDERS.has(provider)).length,
  };
}

interface Found {
  at: number;
  reason: string;
}

/** Constants are single words or numbers, so that no precedence is hidden in them, and do not look like anything of bpftrace or the kernel. */
const CONSTANT =
  /^#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]+("(?:[^"\\]|\\.)*"|\w+)[ \t]*(?:\/\/.*|\/\*[^*]*\*\/[ \t]*)?\r?$/;
const CONSTANT_NAME = /^[A-Z][A-Z0-9_]*$/;
const KEPT_NAMES = new Set(['BEGIN', 'END', PLACEHOLDER]);
export const PLACEHOLDER_LINE = new RegExp(`^#[ \\t]*define[ \\t]+${PLACEHOLDER}(?![\\w(])`);

function directiveFaults({ text, start }: Directive): Found[] {
  if (start === 0 && text.startsWith('#!')) return [];
  if (PLACEHOLDER_LINE.test(text)) return [];
  const [, name, value] = CONSTANT.exec(text) ?? [];
  if (name === undefined) {
    const what = /^#[ \t]*(\w*)/.exec(text)?.[1];
    const reason =
      'of the preprocessor only #define NAME value is allowed, with one number, word or string as its value';
    return [{ at: start, reason: what === 'define' ? reason : `#${what}: ${reason}` }];
  }
  if (!CONSTANT_NAME.test(name) || KEPT_NAMES.has(name) || value === PLACEHOLDER)
    return [
      { at: start, reason: `#define ${name}: names of constants are capitals, and not ${[...KEPT_NAMES].join(', ')}` },
    ];
  return [];
}

function shapeFaults({ probes, directives }: SourceParts): Found[] {
  const faults: Found[] = [];
  const lines = directives.filter(({ text }) => PLACEHOLDER_LINE.test(text));
  const points = probes.flatMap(({ attachPoints }) => attachPoints);
  if (lines.length > 1) faults.push({ at: lines[1]?.start ?? 0, reason: `${PLACEHOLDER} is defined a second time` });
  if (points.length === 0) faults.push({ at: 0, reason: 'there is no probe in it' });
  if (points.length > MAX_ATTACH_POINTS)
    faults.push({
      at: 0,
      reason: `it has ${points.length} places to attach to; at most ${MAX_ATTACH_POINTS} are allowed`,
    });
  return faults;
}

function probeFaults({ attachPoints, predicate, block }: Probe, scope: 'target' | 'node'): Found[] {
  const at = attachPoints[0]?.start ?? block.start;
  const faults = [
    ...attachPoints.flatMap(attachFaults),
    ...tokenFaults(predicate?.tokens ?? []),
    ...tokenFaults(block.tokens),
  ];
  const isFree = attachPoints.every(({ provider }) => FREE_PROVIDERS.has(provider));
  if (!isFree && scope === 'target' && !isRestricted(predicate?.tokens ?? []))
    faults.push({
      at,
      reason: `this probe would see every process; write its predicate as /${PLACEHOLDER}/ or /${PLACEHOLDER} && …/, with nothing but && around ${PLACEHOLDER}`,
    });
  return faults;
}

function attachFaults({ text, provider, start }: AttachPoint): Found[] {
  if (!PROVIDERS.has(provider)) return [{ at: start, reason: `there are no probes ${JSON.stringify(provider)} here` }];
  if (provider === 'interval' || provider === 'profile') {
    const perSecond = perSecondOf(text);
    if (perSecond === undefined || perSecond > 1000)
      return [{ at: start, reason: `${text}: write hz, s or ms and a number, at most 1000 times a second` }];
  }
  return [];
}

/** `interval:ms:100` is 10. */
function perSecondOf(text: string): number | undefined {
  const [, unit, count] = /^\w+:(hz|s|ms|us):([1-9]\d{0,8})$/.exec(text) ?? [];
  if (unit === undefined) return undefined;
  if (unit === 'hz') return Number(count);
  return { s: 1, ms: 1e3, us: 1e6 }[unit as 's' | 'ms' | 'us'] / Number(count);
}

function tokenFaults(tokens: readonly Token[]): Found[] {
  return tokens.flatMap(({ kind, text, start }, index) => {
    const isCall = kind === 'word' && tokens[index + 1]?.text === '(';
    const why = isCall && Object.hasOwn(REFUSED_FUNCTIONS, text) ? REFUSED_FUNCTIONS[text] : undefined;
    return why === undefined ? [] : [{ at: start, reason: `${text}() is not allowed: ${why}` }];
  });
}

function formatsOf({ probes }: SourceParts): string[] {
  const formats = probes.flatMap(({ block: { tokens } }) =>
    tokens.flatMap(({ text }, index) => {
      const [open, format] = [tokens[index + 1], tokens[index + 2]];
      return text === 'printf' && open?.text === '(' && format?.kind === 'string' ? [format.text] : [];
    }),
  );
  return [...new Set(formats)];
}

/** `@name[…] = count()` */
function aggregatesOf({ probes }: SourceParts): Aggregate[] {
  const found = new Map<string, Aggregate>();
  for (const { block } of probes)
    for (const [index, { kind, text }] of block.tokens.entries()) {
      const call = kind === 'map' ? assignedCall(block.tokens, index) : undefined;
      if (call === undefined || !AGGREGATIONS.has(call)) continue;
      found.set(text, { name: text.slice(1), call, isKeyed: block.tokens[index + 1]?.text === '[' });
    }
  return [...found.values()];
}

/** The word behind the = that follows a map and its keys. */
function assignedCall(tokens: readonly Token[], index: number): string | undefined {
  const at = tokens[index + 1]?.text === '[' ? closingAt(tokens, index + 1) + 1 : index + 1;
  return tokens[at]?.text === '=' && tokens[at + 2]?.text === '(' ? tokens[at + 1]?.text : undefined;
}

/** Where the bracket is closed that opens at `from`. */
function closingAt(tokens: readonly Token[], from: number): number {
  let depth = 0;
  return tokens.findIndex(({ text }, index) => {
    if (index < from) return false;
    if (text === '[') depth += 1;
    if (text === ']') depth -= 1;
    return depth === 0;
  });
}
