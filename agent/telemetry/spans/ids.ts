/** Ids of traces and spans. */

import { randomBytes } from 'node:crypto';

/** An id of zeros is invalid; it comes once in 2^64, and would be refused. */
export function randomId(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return /^0+$/.test(id) ? randomId(bytes) : id;
}
