/** Where a probe attaches: `uprobe:/usr/bin/postgres:EndCommand`. */
import { SourceError } from './refusal.js';

export interface AttachPoint {
  text: string;
  start: number;
  end: number;
  /** `uprobe`, whatever shorter name stands there. */
  provider: string;
}

const ALIASES: Record<string, string> = {
  begin: 'BEGIN',
  end: 'END',
  u: 'uprobe',
  ur: 'uretprobe',
  U: 'usdt',
  k: 'kprobe',
  kr: 'kretprobe',
  f: 'kfunc',
  fr: 'kretfunc',
  fentry: 'kfunc',
  fexit: 'kretfunc',
  t: 'tracepoint',
  rt: 'rawtracepoint',
  s: 'software',
  h: 'hardware',
  p: 'profile',
  i: 'interval',
};

/** What one is made of: names, paths, wildcards, arguments, quotes around a path. */
const CHARACTERS = /^(?:[A-Za-z0-9_:.*?+$@\-/[\]]|"[^"\\\n]*")+$/;
const HAS_PATH = new Set(['uprobe', 'uretprobe', 'usdt']);

/** Those of one probe, with a comma between two. `end`: what follows, behind blanks. `skip`: goes over blanks. */
export function readAttachPoints(
  text: string,
  start: number,
  skip: (at: number) => number,
): { attachPoints: AttachPoint[]; end: number } {
  const attachPoints: AttachPoint[] = [];
  for (let at = start; ; at = skip(at + 1)) {
    const point = readOne(text, at);
    attachPoints.push(point);
    at = skip(point.end);
    if (text[at] !== ',') return { attachPoints, end: at };
  }
}

/** Ends at a blank, a comma or a brace outside of quotes, as in bpftrace. */
function readOne(text: string, start: number): AttachPoint {
  const run = /(?:"[^"\n]*"|[^\s,{"])*/y;
  run.lastIndex = start;
  const found = run.exec(text)?.[0] ?? '';
  const [name = ''] = found.split(':', 1);
  const provider = ALIASES[name] ?? name;
  if (found === '') throw new SourceError(start, 'a probe begins here without a place to attach to');
  if (!CHARACTERS.test(found))
    throw new SourceError(start, `${JSON.stringify(found)} is no place to attach a probe to`);
  if (/\/[/*]/.test(found))
    throw new SourceError(start, 'write the path with single slashes, and no comment behind it');
  if (found.includes('/') && !HAS_PATH.has(provider))
    throw new SourceError(start, 'put a space between the place to attach to and the predicate');
  return { text: found, start, end: start + found.length, provider };
}

/** It may stand for any number of places. */
export function hasWildcard({ text }: AttachPoint): boolean {
  return /[*?[\]]/.test(text);
}
