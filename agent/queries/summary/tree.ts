/** Summarises a parsed statement: operations and targets from its parse tree, names as the text has them. */
import type { RawStatement } from '../grammar.js';
import type { Token } from '../lexer.js';
import { readCommand } from './command.js';
import { type Summary, shorten, startSummary } from './parts.js';
import type { SourceText } from './source.js';

type Node = Record<string, unknown>;
/** Names of the common table expressions in sight: no targets. */
type Scope = ReadonlySet<string>;

const OPERATIONS: Record<string, string> = {
  SelectStmt: 'SELECT',
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
};
/** Most of a tree, and nothing in them; FOR UPDATE OF has names of what stands behind FROM. */
const LEAVES = new Set(['A_Const', 'ColumnRef', 'ParamRef', 'TypeName', 'lockedRels']);
/** Tables come before what is looked up for each of their rows, so that they stand behind their own operation. */
const TABLES = ['relation', 'intoClause', 'fromClause', 'usingClause', 'sourceRelation'];

/** `f(x)`, unlike `x AT TIME ZONE y`. */
const PLAIN_CALL = 'COERCE_EXPLICIT_CALL';

export function summarizeTree(
  statements: readonly RawStatement[],
  tokens: readonly Token[],
  source: SourceText,
): string {
  const summaries = statements.map((statement) => summarizeStatement(statement, tokens, source));
  return shorten(summaries.join('; ').split(' '));
}

function summarizeStatement(
  { stmt, stmt_location = 0 }: RawStatement,
  tokens: readonly Token[],
  source: SourceText,
): string {
  const summary = startSummary();
  const [kind = '', body] = Object.entries(stmt)[0] ?? [];
  if (!(kind in OPERATIONS)) {
    const command = readCommand(tokens, source.tokenAt(stmt_location));
    summary.operation(command.tag);
    for (const target of command.targets) summary.target(target);
  }
  const root = kind in OPERATIONS ? stmt : (body as { query?: Node }).query;
  if (root) new TreeWalk(summary, source).statement(root);
  return summary.toString();
}

class TreeWalk {
  readonly #summary: Summary;
  readonly #source: SourceText;

  constructor(summary: Summary, source: SourceText) {
    this.#summary = summary;
    this.#source = source;
  }

  /** A query without a table is known by the functions it calls. */
  statement(root: Node): void {
    const { SelectStmt: select, ...others } = root as { SelectStmt?: Node };
    this.#fields('', root, new Set());
    if (!select || select.fromClause || Object.keys(others).length > 0) return;
    for (const target of nodes(select.targetList)) {
      const call = field(field(field(target, 'ResTarget'), 'val'), 'FuncCall');
      if (call?.funcformat === PLAIN_CALL) this.#target(call, lastName(call.funcname));
    }
  }

  #fields(key: string, node: Node, outer: Scope): void {
    const scope = this.#expressions(field(node, 'withClause'), outer);
    const operation = OPERATIONS[key];
    if (operation) this.#summary.operation(node.valuesLists ? 'VALUES' : operation);
    if (operation) for (const name of TABLES) this.#visit(name, node[name], scope);
    for (const name of Object.keys(node)) {
      if (name !== 'withClause' && !(operation && TABLES.includes(name))) this.#visit(name, node[name], scope);
    }
  }

  /** The scope with the WITH clause's names: each is in sight behind its own query, with RECURSIVE within all of them. */
  #expressions(clause: Node | undefined, outer: Scope): Scope {
    if (!clause) return outer;
    const expressions = nodes(clause.ctes).map((node) => field(node, 'CommonTableExpr'));
    const names = expressions.map((expression) => String(expression?.ctename));
    let scope = clause.recursive ? new Set([...outer, ...names]) : new Set(outer);
    for (const [index, expression] of expressions.entries()) {
      this.#visit('ctequery', expression?.ctequery, scope);
      scope = new Set([...scope, names[index] ?? '']);
    }
    return scope;
  }

  #visit(key: string, value: unknown, scope: Scope): void {
    if (LEAVES.has(key)) return;
    if (Array.isArray(value)) for (const item of value) this.#visit('', item, scope);
    else if (isNode(value)) this.#node(key, value, scope);
  }

  #node(key: string, node: Node, scope: Scope): void {
    if (typeof node.relname === 'string') {
      if (node.schemaname || !scope.has(node.relname)) this.#target(node, node.relname);
      return;
    }
    if (key === 'RangeFunction') this.#functions(node);
    this.#fields(key, node, scope);
  }

  #functions(node: Node): void {
    for (const list of nodes(node.functions)) {
      const call = field(nodes(field(list, 'List')?.items)[0], 'FuncCall');
      if (call) this.#target(call, lastName(call.funcname));
    }
  }

  #target(node: Node, name: string): void {
    this.#summary.target(this.#source.nameAt(Number(node.location ?? 0)) ?? name);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function lastName(names: unknown): string {
  return String(field(nodes(names).at(-1), 'String')?.sval ?? '');
}
