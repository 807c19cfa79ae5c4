/** What must not be in anything that is shown. */
import type { DescribedQuery } from '../../../agent/queries.js';

export const CANARY = 'zqcanary';
/** What is left of the canary where a text was cut in the middle of it. */
const TRACE = 'zqc';
export const NUMBER = '7351946';

export function leaks({ summary, text = '' }: DescribedQuery): boolean {
  return [summary.toLowerCase(), text.toLowerCase()].some(
    (shown) => shown.includes(TRACE) || shown.replaceAll('_', '').includes('7351'),
  );
}
