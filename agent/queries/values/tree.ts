/** Sorts the words of a parse tree: names, by the fields that hold nothing else, and values, which is the rest. */
import type { RawStatement } from '../grammar.js';
import { marksIn, withoutMarks } from './marks.js';
import { hasNoColumns, isBound, isNameField } from './name-fields.js';
import { holdsNames, isKnownFlag, isVocabulary } from './options.js';

export interface WordsOfTree {
  /** Indexes of the tokens whose marks stand where a name does. */
  names: Set<number>;
  /** Keywords, in lower case, that stand where a value does. */
  words: Set<string>;
  /** The name of a type is a value: `WITH (x = int)`. The tree calls it `int4`. */
  hasTypes: boolean;
}

type Node = Record<string, unknown>;

/** What holds for a part of the tree. */
interface Place {
  /** The statement that it belongs to, and what kind of object that is about. */
  statement: string;
  /** A string is a name here. */
  isName: boolean;
  /** Nothing below is a name. */
  isValue: boolean;
  /** What is no mark is a keyword that the grammar asks for. */
  isVocabulary: boolean;
  /** Expressions can have columns here. */
  hasColumns: boolean;
}

const ROOT: Place = { statement: '', isName: false, isValue: false, isVocabulary: false, hasColumns: true };

/** `words`: the text of each token that may have got a mark. */
export function readTree(statements: readonly RawStatement[], words: readonly string[]): WordsOfTree {
  const walk = new Walk(words);
  for (const { stmt } of statements) walk.visit(stmt, ROOT);
  return walk.found;
}

const SETTINGS = new Set(['VariableSetStmt', 'setstmt']);
/** Around the string of a field. */
const TRANSPARENT = new Set(['String', 'List', 'items', 'sval']);

class Walk {
  readonly #names = new Set<number>();
  readonly #values = new Set<number>();
  readonly #words = new Set<string>();
  readonly #texts: readonly string[];
  #hasTypes = false;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  get found(): WordsOfTree {
    // The tree has some words twice: one place for a value is enough.
    const names = new Set([...this.#names].filter((mark) => !this.#values.has(mark)));
    return { names, words: this.#words, hasTypes: this.#hasTypes };
  }

  visit(value: unknown, place: Place): void {
    if (typeof value === 'string') this.#string(value, place);
    else if (Array.isArray(value)) for (const item of value) this.visit(item, place);
    else if (typeof value === 'object' && value !== null) this.#node(value as Node, place);
  }

  #string(text: string, { isName, isValue, isVocabulary }: Place): void {
    const marks = marksIn(text);
    const isShown = isName && !isValue;
    for (const mark of marks) (isShown ? this.#names : this.#values).add(mark);
    if (marks.length === 0 && !isShown && !isVocabulary) this.#words.add(text.toLowerCase());
  }

  #node(node: Node, place: Place): void {
    for (const [key, value] of Object.entries(node)) {
      if (key === 'DefElem') this.#option(value as Node, place);
      else if (SETTINGS.has(key)) this.#setting(value as Node, place);
      else if (TRANSPARENT.has(key)) this.visit(value, place);
      else this.#field(key, value, this.#placeOf(key, value, place));
    }
  }

  #placeOf(key: string, value: unknown, place: Place): Place {
    if (key === 'TypeName' && place.isValue && isPlainType(value as Node)) this.#hasTypes = true;
    return key === 'ColumnRef' && !place.hasColumns ? { ...place, isValue: true } : place;
  }

  /** Of the strings that stand in no String node, those of names alone are words of the text; others are the parser's own. */
  #field(key: string, value: unknown, place: Place): void {
    const isName = isNameField(key);
    if (typeof value === 'string' && !isName) return;
    this.visit(value, {
      statement: statementOf(key, value) ?? place.statement,
      isName,
      isValue: place.isValue,
      isVocabulary: place.isVocabulary || isBound(key),
      hasColumns: key === 'SelectStmt' || (place.hasColumns && !hasNoColumns(key, value)),
    });
  }

  #option(option: Node, place: Place): void {
    const name = withoutMarks(String(option.defname), this.#texts);
    const { statement } = place;
    const isFlag = option.arg === undefined;
    this.visit([option.defnamespace, option.defname], {
      ...place,
      isName: !isFlag || isKnownFlag(name),
      isVocabulary: true,
    });
    const isName = holdsNames(statement, name);
    this.visit(option.arg, {
      ...place,
      isName,
      isValue: place.isValue || !isName,
      isVocabulary: place.isVocabulary || isVocabulary(statement, name),
    });
  }

  #setting({ name, kind, args }: Node, place: Place): void {
    this.visit(name, { ...place, isName: true, isValue: false });
    this.visit(args, { ...place, isValue: true, isVocabulary: kind === 'VAR_SET_MULTI' });
  }
}

function isPlainType({ names }: Node): boolean {
  const [first] = (names ?? []) as { String?: { sval?: string } }[];
  return first?.String?.sval === 'pg_catalog';
}

/** `DefineStmt OBJECT_AGGREGATE`, `CopyStmt`; undefined for what is no statement. */
function statementOf(key: string, value: unknown): string | undefined {
  if (!/Stmt$/.test(key)) return undefined;
  const kind = key === 'DefineStmt' ? (value as { kind?: string }).kind : undefined;
  return kind === undefined ? key : `${key} ${kind}`;
}
