/** Replays a reflector's changes into a map, and collects what is wrong with them. */
import { keyOf } from '../../kube/objects.js';
import type { Change, Store } from '../../kube/reflector.js';
import { summarise } from './api-server/collection.js';
import type { SmallPod } from './pod-reflector.js';

export function createReplay(store: () => Store<SmallPod>) {
  const pods = new Map<string, SmallPod>();
  const told = new Set<string>();
  const faults: string[] = [];
  let telling = false;

  const check = (wrong: boolean, change: Change<SmallPod>, what: string): void => {
    if (wrong) faults.push(`${change.type} ${keyOf(change.object)}: ${what}`);
  };

  const apply = (change: Change<SmallPod>): void => {
    const key = keyOf(change.object);
    const { uid, resourceVersion } = change.object.metadata;
    const event = `${change.type} ${uid} ${resourceVersion}`;
    check(told.has(event), change, 'told twice');
    told.add(event);
    check(pods.get(key) !== before(change), change, `it was ${JSON.stringify(pods.get(key))}`);
    check(store().get(key) !== after(change), change, 'the store does not have it');
    check(change.type === 'updated' && change.previous.metadata.uid !== uid, change, 'it is another object');
    if (change.type === 'deleted') pods.delete(key);
    else pods.set(key, change.object);
  };

  return {
    faults,
    take: (change: Change<SmallPod>): void => {
      check(telling, change, 'told within another change');
      telling = true;
      apply(change);
      telling = false;
    },
    summary: () => summarise(pods.values()),
  };
}

function before(change: Change<SmallPod>): SmallPod | undefined {
  if (change.type === 'added') return undefined;
  return change.type === 'updated' ? change.previous : change.object;
}

function after(change: Change<SmallPod>): SmallPod | undefined {
  return change.type === 'deleted' ? undefined : change.object;
}
