/** Which levels of capture this version has. */
import type { Level } from './spec.js';

const AVAILABLE: readonly Level[] = ['waits', 'statements'];

/** Why a level cannot be used by this version, as a sentence that completes the name of field or flag; undefined if it can. */
export function levelRefusal(level: Level): string | undefined {
  return AVAILABLE.includes(level) ? undefined : `"${level}" is not available yet; use ${AVAILABLE.join(' or ')}`;
}
