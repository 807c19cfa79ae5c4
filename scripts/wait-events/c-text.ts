/** The little of C that the generator reads. */

export function withoutComments(code: string): string {
  return code.replace(/\/\*.*?\*\//gs, ' ');
}

/** What stands between the braces behind `beginning`, without comments. */
export function bodyAfter(code: string, beginning: string): string {
  const plain = withoutComments(code);
  const start = plain.indexOf(beginning);
  const open = plain.indexOf('{', start);
  if (start === -1 || open === -1) throw new Error(`the sources have no "${beginning}": has PostgreSQL moved it?`);
  return plain.slice(open + 1, plain.indexOf('}', open));
}

/** Elements of an enumeration or an array, each as written. */
export function elements(body: string): string[] {
  return body
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** The text of a string constant without escapes. */
export function unquoted(constant: string): string {
  const text = /^"([^"\\]*)"$/.exec(constant)?.[1];
  if (text === undefined) throw new Error(`this is no plain string constant: ${constant}`);
  return text;
}
