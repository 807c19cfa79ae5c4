/** The WebAssembly module inside libpg-query. The package's own door keeps one instance for ever; ours can be replaced. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface ParserModule {
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** PgQueryParseResult: pointers to the tree as JSON, to standard error, to the error. */
    _wasm_parse_query_raw(query: number): number;
    _wasm_free_parse_result(result: number): void;
    /** The tokens as JSON, or an error message. */
    _wasm_scan(query: number): number;
    _wasm_normalize_query(query: number): number;
    _wasm_free_string(pointer: number): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, bytes: number): void;
    UTF8ToString(pointer: number): string;
    getValue(pointer: number, type: 'i32'): number;
  }
  export default function load(options: { printErr(message: string): void }): Promise<ParserModule>;
}
