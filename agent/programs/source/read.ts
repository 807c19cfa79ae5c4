/**
 * Reads the parts of a bpftrace program: preprocessor lines, C definitions, probes with attach points, predicate and block. Stricter than
 * bpftrace where the two could part ways about where a part begins or ends.
 */
import { type AttachPoint, readAttachPoints } from './attach-points.js';
import { SourceError } from './refusal.js';
import { isBlank, type Token, tokenAt } from './tokens.js';

/** A line that begins with #. */
export interface Directive {
  start: number;
  /** Before the line's end. */
  end: number;
  text: string;
}

/** Between two places: `start` is that of the sign that opens it, `end` behind the sign that closes it. */
export interface Extent {
  start: number;
  end: number;
  /** What is inside, without space and comments. */
  tokens: Token[];
}

export interface Probe {
  attachPoints: AttachPoint[];
  predicate: Extent | undefined;
  block: Extent;
}

export interface SourceParts {
  directives: Directive[];
  definitions: Extent[];
  probes: Probe[];
  comments: Token[];
}

/** What newer versions of bpftrace have between probes. */
const NOT_OURS = new Set(['config', 'import', 'macro', 'fn', 'subprog', 'let']);
const DEFINITIONS = new Set(['struct', 'union', 'enum']);
const OPENING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const CLOSING = new Set(Object.values(OPENING));

/** Throws a SourceError where the text is no program. */
export function readSource(text: string): SourceParts {
  const parts: SourceParts = { directives: [], definitions: [], probes: [], comments: [] };
  for (let at = skipBlank(text, 0, parts); at < text.length; at = skipBlank(text, at, parts)) {
    const token = tokenAt(text, at);
    if (token.kind === 'stray' && token.text === '#') {
      const directive = readDirective(text, at);
      parts.directives.push(directive);
      at = directive.end;
    } else if (NOT_OURS.has(token.text)) {
      throw new SourceError(at, `${token.text} is not allowed: limits and libraries are set by pgscope`);
    } else if (DEFINITIONS.has(token.text)) {
      const definition = readDefinition(text, at, parts);
      parts.definitions.push(definition);
      at = definition.end;
    } else {
      const probe = readProbe(text, at, parts);
      parts.probes.push(probe);
      at = probe.block.end;
    }
  }
  return parts;
}

/** Where the next token stands that says something. */
function skipBlank(text: string, from: number, { comments }: SourceParts): number {
  let at = from;
  for (; at < text.length; ) {
    const token = tokenAt(text, at);
    if (!isBlank(token)) break;
    if (token.kind === 'comment') comments.push(token);
    at = closedEnd(token);
  }
  return at;
}

function closedEnd({ kind, closed, start, end }: Token): number {
  if (!closed) throw new SourceError(start, `a ${kind} begins here that nothing closes`);
  return end;
}

function readDirective(text: string, start: number): Directive {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (/[^ \t]/.test(before)) throw new SourceError(start, 'a # stands in the middle of a line');
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? text.length : newline;
  const line = text.slice(start, end);
  if (/\\\r?$/.test(line)) throw new SourceError(start, 'this line goes on in the next one; write it in one');
  return { start, end, text: line };
}

/** `struct name { … };` */
function readDefinition(text: string, start: number, parts: SourceParts): Extent {
  let at = start;
  for (;;) {
    at = skipBlank(text, at, parts);
    const token = at < text.length ? tokenAt(text, at) : undefined;
    if (token?.text === '{') break;
    if (token?.kind !== 'word') throw new SourceError(start, 'is no definition such as struct name { … };');
    at = token.end;
  }
  const { end, tokens } = readEnclosed(text, at, parts);
  const next = skipBlank(text, end, parts);
  return { start, end: text[next] === ';' ? next + 1 : end, tokens };
}

function readProbe(text: string, start: number, parts: SourceParts): Probe {
  const skip = (at: number): number => skipBlank(text, at, parts);
  const { attachPoints, end } = readAttachPoints(text, start, skip);
  const predicate = text[end] === '/' ? readPredicate(text, end, parts) : undefined;
  const at = skip(predicate?.end ?? end);
  if (text[at] !== '{') throw new SourceError(start, 'no block { … } follows this probe; is the sign before it right?');
  return { attachPoints, predicate, block: readEnclosed(text, at, parts) };
}

/** From / to the first / in front of a {, as bpftrace sees it. */
function readPredicate(text: string, start: number, { comments }: SourceParts): Extent {
  const tokens: Token[] = [];
  for (let at = start + 1; at < text.length; ) {
    const token = tokenAt(text, at);
    if (token.text === '/' && /^\s*\{/.test(text.slice(token.end))) {
      assertBalanced(tokens, start);
      return { start, end: token.end, tokens };
    }
    if (token.kind === 'comment') comments.push(token);
    if (!isBlank(token)) tokens.push(known(token));
    at = closedEnd(token);
  }
  throw new SourceError(start, 'the predicate has no end; a / and a { close it');
}

/** From an opening sign to the one that closes it. */
function readEnclosed(text: string, start: number, { comments }: SourceParts): Extent {
  const tokens: Token[] = [];
  const open: string[] = [];
  for (let at = start; at < text.length; ) {
    const token = tokenAt(text, at);
    if (token.kind === 'comment') comments.push(token);
    if (!isBlank(token)) tokens.push(known(token));
    at = closedEnd(token);
    follow(token, open);
    if (open.length === 0) return { start, end: at, tokens: tokens.slice(1, -1) };
  }
  throw new SourceError(start, 'the block that begins here has no end');
}

function assertBalanced(tokens: readonly Token[], at: number): void {
  const open: string[] = [];
  for (const token of tokens) follow(token, open);
  if (open.length > 0) throw new SourceError(at, `the predicate lacks a ${open.at(-1)}`);
}

/** Keeps account of the signs that are still to be closed. */
function follow({ kind, text, start }: Token, open: string[]): void {
  if (kind !== 'mark') return;
  const closing = OPENING[text];
  if (closing !== undefined) open.push(closing);
  else if (CLOSING.has(text) && open.pop() !== text) throw new SourceError(start, `a ${text} that closes nothing`);
}

function known(token: Token): Token {
  if (token.kind !== 'stray') return token;
  throw new SourceError(token.start, `bpftrace's language has no ${JSON.stringify(token.text)} here`);
}
