/** One object from a YAML text, with the line that each of its fields stands on. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';

/** Settings written by hand are far smaller; this bounds what a mistaken file name costs. */
const MOST_BYTES = 256 * 1024;

export interface YamlObject {
  value: Record<string, unknown>;
  /** Line (from 1) of the field at `path`; undefined where nothing stands. */
  lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** Reads a text that holds exactly one YAML map. Errors are sentences that name the line. */
export function readYaml(text: string): YamlObject | { errors: string[] } {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) return { errors: [`the text has ${bytes} bytes; at most ${MOST_BYTES} are read`] };
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const [document] = documents;
  if (!Array.isArray(documents) || document === undefined)
    return { errors: ['the text is empty; write an object in YAML'] };
  const mistakes = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (mistakes.length > 0) {
    return { errors: mistakes.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message}`) };
  }
  if (documents.length > 1) return { errors: [`the text holds ${documents.length} objects; keep one of them`] };
  try {
    // An alias may stand for a large part of the text; the library refuses more than 100 of them.
    const value: unknown = document.toJS();
    if (isMap(document.contents))
      return { value: value as Record<string, unknown>, lineOf: lineFinder(document.contents, lines) };
    return { errors: ['the text is no YAML map; write fields such as kind: PostgresProfile'] };
  } catch (error) {
    return { errors: [`the text cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function lineFinder(root: Node, lines: LineCounter): YamlObject['lineOf'] {
  return (path) => {
    let node: unknown = root;
    let offset: number | undefined;
    for (const step of path) {
      const found = entryAt(node, step);
      if (found === undefined) break;
      node = found.node;
      offset = found.offset ?? offset;
    }
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
}

/** The value below a map's key or a list's index, and where in the text the entry begins. */
function entryAt(node: unknown, step: PropertyKey): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { node: pair.value, offset: (pair.key as Node).range?.[0] };
  }
  if (!isSeq(node) || typeof step !== 'number') return undefined;
  const item = node.items[step] as Node | undefined;
  return item && { node: item, offset: item.range?.[0] };
}
