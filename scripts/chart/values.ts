/** Reads charts/pgscope/values.yaml: each value with what its comment says of it. */
import { isMap, isScalar, LineCounter, type Pair, parse, parseDocument } from 'yaml';

/** A value that a user may set. Groups of values (`agent.image`) have no description and are none. */
export interface Value {
  /** `['agent', 'image', 'tag']`. */
  path: string[];
  /** What stands behind `# --`, as one line of Markdown. */
  description: string;
  /** What stands below `# @schema`, in JSON Schema's words. */
  constraints: Record<string, unknown>;
  /** As YAML reads it. */
  preset: unknown;
}

/** Throws if a value has no description, naming it. */
export function readValues(text: string): Value[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const lines = text.split('\n');
  return pairsOf(document.contents).flatMap((pair) => valuesOf(pair, [], commentAbove));

  function commentAbove({ key }: Pair): string[] {
    if (!isScalar(key) || !key.range) return [];
    const comment: string[] = [];
    for (let line = lineCounter.linePos(key.range[0]).line - 2; ; line--) {
      const found = /^\s*# ?(.*)$/.exec(lines[line] ?? '');
      if (found === null) return comment;
      comment.unshift(found[1] ?? '');
    }
  }
}

function valuesOf(pair: Pair, parents: string[], commentAbove: (pair: Pair) => string[]): Value[] {
  const path = [...parents, String(pair.key)];
  const comment = commentAbove(pair);
  if (comment[0]?.startsWith('-- ')) return [describedValue(path, comment, pair)];
  const pairs = pairsOf(pair.value);
  if (pairs.length === 0) throw new Error(`values.yaml: ${path.join('.')} has no comment "# -- …" above it`);
  return pairs.flatMap((inner) => valuesOf(inner, path, commentAbove));
}

function describedValue(path: string[], comment: string[], { value }: Pair): Value {
  const mark = comment.indexOf('@schema');
  const prose = mark < 0 ? comment : comment.slice(0, mark);
  return {
    path,
    description: prose.join(' ').slice('-- '.length).trim(),
    constraints: mark < 0 ? {} : parse(comment.slice(mark + 1).join('\n')),
    preset: isNode(value) ? value.toJSON() : value,
  };
}

function pairsOf(node: unknown): Pair[] {
  return isMap(node) ? (node.items as Pair[]) : [];
}

function isNode(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}
