/** Queries as they may be shown: normalised text and a summary, made once per new fingerprint. The door of agent/queries/. */
import { DescriptionCache } from './queries/cache.js';
import { cutText } from './queries/cut.js';
import { loadGrammar } from './queries/grammar.js';
import { type Description, describeStatement, type SentText } from './queries/statement.js';

/** How a query is shown. `text` is undefined where nothing may be shown; then only summary and fingerprint go out. */
export interface DescribedQuery {
  /** db.query.summary: `SELECT orders`, at most 255 characters; the command tag at least. */
  summary: string;
  /** Text without constants and comments (`$1` for each), at most 2 KiB of UTF-8; with `raw` the text as it was sent. */
  text: string | undefined;
}

export interface DescribeOptions {
  /** The text is only the beginning of what the client sent. */
  truncated: boolean;
  queryText: 'none' | 'normalized' | 'raw';
}

/** Since the describer was made; a text that is still cached is not counted again. */
export interface QueryCounters {
  /** Texts whose structure the parser told. */
  parsedByGrammar: number;
  /** Texts that it refused, or whose end is missing. */
  parsedByLexer: number;
  /** Texts of which the summary alone may be shown. */
  withheld: number;
  /** Times that the parser failed inside and was loaded anew. */
  grammarRestarts: number;
}

export interface QueryDescriber {
  /** Never throws, whatever the text is. */
  describe(text: string, options: DescribeOptions): DescribedQuery;
  readonly counters: QueryCounters;
}

/** `maxEntries`: descriptions kept, 2,000 by default, some 3 KB each at most; the one used longest ago makes room. */
export async function createQueryDescriber({ maxEntries = 2000 } = {}): Promise<QueryDescriber> {
  const grammar = await loadGrammar();
  const cache = new DescriptionCache(maxEntries);
  const counts = { parsedByGrammar: 0, parsedByLexer: 0, withheld: 0 };

  const describeNew = (sent: SentText): Description => {
    const description = describeStatement(sent, grammar);
    counts[description.readBy === 'grammar' ? 'parsedByGrammar' : 'parsedByLexer'] += 1;
    if (description.text === undefined) counts.withheld += 1;
    return description;
  };

  return {
    describe(sent, { truncated, queryText }) {
      const wellFormed = sent.toWellFormed();
      const { summary, text } = cache.get({ text: wellFormed, truncated }, describeNew);
      if (queryText === 'raw') return { summary, text: cutText(wellFormed) };
      return { summary, text: queryText === 'none' ? undefined : text };
    },
    get counters() {
      return { ...counts, grammarRestarts: grammar.restarts };
    },
  };
}
