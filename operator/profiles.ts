/** The controller of profiles: pods to NodeProfiles, their reports to the profile's status. The door of operator/profiles/. */
import { makeItSo } from './apply.js';
import type { Cluster } from './cluster.js';
import type { Controller, Requeue } from './controller.js';
import type { Indexes } from './indexes.js';
import { CONTROLLER_NAMES, customPath } from './names.js';
import { assess } from './profiles/assess.js';
import type { LossMemory } from './profiles/losses.js';
import type { DesiredNodeProfile } from './profiles/node-profiles.js';
import { createStatusWriter } from './profiles/status-writer.js';
import { isSame } from './same.js';
import type { NodeProfileObject } from './views.js';

export { selects } from './profiles/selector.js';

/** Keys are `namespace/name` of profiles. */
export function createProfileController(cluster: Cluster, indexes: Indexes): Controller {
  const statuses = createStatusWriter(cluster);
  /** By key; only of profiles in the store. */
  const losses = new Map<string, { uid: string; memory: LossMemory }>();

  /** Those of an earlier profile of the same name go too: their names differ. */
  const keepNodeProfiles = async (key: string, wanted: DesiredNodeProfile[], signal: AbortSignal) => {
    const namespace = key.slice(0, key.indexOf('/'));
    await makeItSo({
      client: cluster.client,
      wanted,
      present: [...indexes.nodeProfilesByProfile.of(key)],
      isMet: isStored,
      path: (name) => customPath('nodeprofiles', namespace, name),
      signal,
    });
  };

  return {
    name: CONTROLLER_NAMES.profiles,
    async reconcile(key, signal) {
      const stored = cluster.profiles.get(key);
      if (stored === undefined || stored.terminating) {
        statuses.forget(key);
        losses.delete(key);
        await keepNodeProfiles(key, [], signal);
        return undefined;
      }
      const profile = statuses.latest(stored);
      const { uid } = profile.metadata;
      const known = losses.get(key);
      const before = known?.uid === uid ? known.memory : undefined;
      const { desired, losses: memory, expiresMs, ...seen } = assess(profile, cluster, indexes, before);
      losses.set(key, { uid, memory });
      await keepNodeProfiles(key, desired, signal);
      const written = await statuses.write(profile, seen, signal);
      const pauses = [typeof written === 'object' ? written.afterMs : Number.POSITIVE_INFINITY];
      if (expiresMs !== undefined) pauses.push(Math.max(expiresMs - cluster.clock.now(), 0));
      return requeue(Math.min(...pauses));
    },
  };
}

/** Whether the stored object says what is wanted; labels that others have put on it do not matter. */
export function isStored({ metadata, spec }: DesiredNodeProfile, stored: NodeProfileObject): boolean {
  return (
    Object.entries(metadata.labels).every(([key, value]) => stored.metadata.labels[key] === value) &&
    metadata.ownerReferences.every(({ uid }) => stored.metadata.ownerUIDs.includes(uid)) &&
    isSame(spec, stored.spec)
  );
}

function requeue(afterMs: number): Requeue | undefined {
  return Number.isFinite(afterMs) ? { afterMs } : undefined;
}
