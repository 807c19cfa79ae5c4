/** Builds a db.query.summary: operations, each with its targets, in the order they were met. */

/** Characters; the limit of the semantic conventions. */
const MAX_LENGTH = 255;

export interface Summary {
  /** Behind another one of the same name it begins nothing new. */
  operation(name: string): void;
  /** A target of the latest operation; each is named once. */
  target(name: string): void;
  toString(): string;
}

export function startSummary(): Summary {
  const parts: { operation: string; targets: Set<string> }[] = [];
  return {
    operation(name) {
      if (parts.at(-1)?.operation !== name) parts.push({ operation: name, targets: new Set() });
    },
    target(name) {
      parts.at(-1)?.targets.add(name);
    },
    toString() {
      const telling = parts.filter(({ targets }, index) => index === 0 || targets.size > 0);
      const withTargets = telling.filter(({ targets }) => targets.size > 0);
      const shown = withTargets.length > 0 && isQuery(telling[0]?.operation) ? withTargets : telling;
      return shorten(shown.flatMap(({ operation, targets }) => [operation, ...targets]));
    },
  };
}

/** `WITH x AS (SELECT 1) INSERT INTO t …` is `INSERT t`, but `EXPLAIN SELECT t` stays. */
function isQuery(operation: string | undefined): boolean {
  return operation === 'SELECT' || operation === 'VALUES';
}

/** At most 255 characters, cut between words. */
export function shorten(words: readonly string[]): string {
  let summary = words[0] ?? '';
  for (const word of words.slice(1)) {
    if (summary.length + 1 + word.length > MAX_LENGTH) return summary;
    summary += ` ${word}`;
  }
  return summary;
}
