/**
 * PostgreSQL 18's parser, as WebAssembly. It may fail inside (its stack is small); the instance is then thrown away, another one
 * is loaded, and until it is there every text is refused.
 */
import load, { type ParserModule } from 'libpg-query/wasm/libpg-query.js';

/** One statement of a text. */
export interface RawStatement {
  /** The parse tree: `{SelectStmt: {…}}`. */
  stmt: Record<string, unknown>;
  /** Where its text begins, in bytes of UTF-8; absent for 0. */
  stmt_location?: number;
}

export type KeywordKind = 'type' | 'other';

export interface Grammar {
  /** Undefined: the parser refuses the text, or is not there. */
  parse(text: string): RawStatement[] | undefined;
  /** The text is the beginning of one that `parse` would take: whole tokens, at whose end something is missing, or nothing. */
  isBeginning(text: string): boolean;
  /** Those of these words that are keywords, in lower case, and whether they name a type (or stand where one may). Undefined: it cannot be told. */
  keywords(words: readonly string[]): ReadonlyMap<string, KeywordKind> | undefined;
  /** The text with placeholders for constants; comments are kept. Only for a text that `parse` took; undefined if it fails. */
  normalize(text: string): string | undefined;
  /** Instances that failed and were replaced. */
  readonly restarts: number;
}

/** Each one costs some 20 ms. A server whose texts break the parser again and again gets the lexer alone. */
const MAX_RESTARTS = 100;

/** What the parser says at the end of a text that could go on. It takes a token only if something can follow it. */
const MISSING_END = 'syntax error at end of input';
const MISSING_NOTHING = '';

interface ScannedToken {
  /** 0 for an identifier. */
  keywordKind: number;
}

/** `int`, `varchar`: keywords that may be the names of columns, but not of functions or types. */
const COLUMN_NAME_KEYWORD = 2;

function isTypeWord(word: string, kind: number): boolean {
  return kind === COLUMN_NAME_KEYWORD || word === 'double';
}

export async function loadGrammar(): Promise<Grammar> {
  return new WasmGrammar(await loadModule());
}

/** Node's loader is asked once per instance; `printErr` keeps aborts off the agent's standard error. */
function loadModule(): Promise<ParserModule> {
  return load({ printErr: () => {} });
}

class WasmGrammar implements Grammar {
  restarts = 0;
  #module: ParserModule | undefined;

  constructor(module: ParserModule) {
    this.#module = module;
  }

  parse(text: string): RawStatement[] | undefined {
    return this.#call(text, (module, query) => {
      const result = module._wasm_parse_query_raw(query);
      const failed = module.getValue(result + 8, 'i32') !== 0;
      const json = failed ? undefined : module.UTF8ToString(module.getValue(result, 'i32'));
      module._wasm_free_parse_result(result);
      return json === undefined ? undefined : (JSON.parse(json) as { stmts?: RawStatement[] }).stmts;
    });
  }

  isBeginning(text: string): boolean {
    const message = this.#call(text, (module, query) => {
      const result = module._wasm_parse_query_raw(query);
      const error = module.getValue(result + 8, 'i32');
      const said = error === 0 ? MISSING_NOTHING : module.UTF8ToString(module.getValue(error, 'i32'));
      module._wasm_free_parse_result(result);
      return said;
    });
    return message === MISSING_NOTHING || message === MISSING_END;
  }

  keywords(words: readonly string[]): ReadonlyMap<string, KeywordKind> | undefined {
    const distinct = [...new Set(words.map((word) => word.toLowerCase()))];
    return this.#call(distinct.join(' '), (module, query) => {
      const result = module._wasm_scan(query);
      const json = module.UTF8ToString(result);
      module._wasm_free_string(result);
      const { tokens } = JSON.parse(json) as { tokens: ScannedToken[] };
      if (tokens.length !== distinct.length) return undefined;
      return new Map(
        distinct.flatMap((word, index) => {
          const kind = tokens[index]?.keywordKind ?? 0;
          return kind === 0 ? [] : [[word, isTypeWord(word, kind) ? 'type' : 'other'] as const];
        }),
      );
    });
  }

  normalize(text: string): string | undefined {
    return this.#call(text, (module, query) => {
      const result = module._wasm_normalize_query(query);
      const normal = module.UTF8ToString(result);
      module._wasm_free_string(result);
      return normal;
    });
  }

  #call<T>(text: string, work: (module: ParserModule, query: number) => T): T | undefined {
    const module = this.#module;
    if (!module || text.includes('\0')) return undefined;
    try {
      const bytes = module.lengthBytesUTF8(text) + 1;
      const query = module._malloc(bytes);
      module.stringToUTF8(text, query, bytes);
      const answer = work(module, query);
      module._free(query);
      return answer;
    } catch {
      this.#restart();
      return undefined;
    }
  }

  #restart(): void {
    this.#module = undefined;
    this.restarts += 1;
    if (this.restarts > MAX_RESTARTS) return;
    loadModule().then(
      (module) => {
        this.#module = module;
      },
      () => {},
    );
  }
}
