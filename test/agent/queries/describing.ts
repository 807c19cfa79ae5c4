/** A describer for tests, made once per file: loading the parser takes a while. */
import { createQueryDescriber, type DescribedQuery, type QueryDescriber } from '../../../agent/queries.js';

let describer: Promise<QueryDescriber> | undefined;

/** Describes normalised, as one that is new: nothing is cached. */
export async function loadDescribe(): Promise<(text: string, truncated?: boolean) => DescribedQuery> {
  describer ??= createQueryDescriber({ maxEntries: 0 });
  const { describe } = await describer;
  return (text, truncated = false) => describe(text, { truncated, queryText: 'normalized' });
}
