/**
 * How many events a profile has lost: a sum that takes in each node's count once and never goes back. A node that leaves takes its count
 * with it, and one that comes again begins at 0; so what is gone is kept apart from what is there.
 */
import type { NodeProfileObject } from '../views.js';

/** What is remembered of one profile. */
export interface LossMemory {
  /** Of NodeProfiles that there are no more, and of counts that began anew. */
  gone: number;
  /** UID of each NodeProfile there is → its count. */
  present: ReadonlyMap<string, number>;
}

/**
 * `before`: undefined where nothing is remembered, as after a restart of the operator; then what the stored status has more than the
 * NodeProfiles is taken for what is gone. What a node lost while no operator saw it, and with which it vanished, is in no sum.
 */
export function addedUp(
  before: LossMemory | undefined,
  storedTotal: number,
  nodeProfiles: Iterable<NodeProfileObject>,
): LossMemory {
  const present = new Map(Array.from(nodeProfiles, ({ metadata, status }) => [metadata.uid, status.lostEvents ?? 0]));
  if (before === undefined) return { gone: Math.max(0, storedTotal - sum(present.values())), present };
  const over = [...before.present].filter(([uid, count]) => (present.get(uid) ?? -1) < count);
  return { gone: before.gone + sum(over.map(([, count]) => count)), present };
}

export function lossesOf({ gone, present }: LossMemory): number {
  return gone + sum(present.values());
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}
