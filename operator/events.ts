/**
 * Kubernetes Events about profiles, for `kubectl describe`. They are a courtesy: nothing waits for them, and one that cannot be written is
 * logged and forgotten. A repeated one becomes a series of the first, and no object has more than a few in a while.
 */
import type { KubeClient } from '../kube/client.js';
import { createAllowance } from './events/allowance.js';
import { eventObject, eventPath, FIRST_IN_SERIES, type ProfileEvent, seriesPatch } from './events/event-object.js';

export type { ProfileEvent } from './events/event-object.js';

export interface EventRecorder {
  /** Returns at once. */
  record(event: ProfileEvent): void;
  /** When all that was recorded before has been written or given up. */
  settled(): Promise<void>;
}

export interface EventRecorderOptions {
  client: KubeClient;
  clock: { now(): number };
  /** Who tells: the name of the operator's pod. */
  instance: string;
  onLog(line: string): void;
}

/** Events that can be waiting to be written; what comes above that is dropped and logged. */
const MAX_WAITING = 100;
/** Events that are remembered to make a series of their repetitions. */
const MAX_REMEMBERED = 1000;
const SERIES_MS = 10 * 60_000;

interface Told {
  name: string;
  count: number;
  lastMs: number;
}

export function createEventRecorder({ client, clock, instance, onLog }: EventRecorderOptions): EventRecorder {
  /** By what they say; the one told longest ago first. */
  const told = new Map<string, Told>();
  const allowance = createAllowance(clock);
  let waiting = 0;
  let last = Promise.resolve();

  const tell = async (event: ProfileEvent) => {
    const nowMs = clock.now();
    const key = JSON.stringify([event.regarding.uid, event.type, event.reason, event.note]);
    const before = told.get(key);
    if (before !== undefined && nowMs - before.lastMs < SERIES_MS) {
      const count = before.count + 1;
      const path = eventPath(event.regarding.namespace, before.name);
      const body = seriesPatch(count, nowMs);
      await client.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
      remember(key, { ...before, count, lastMs: nowMs });
      return;
    }
    const body = eventObject(event, instance, nowMs);
    await client.request({ method: 'POST', path: eventPath(event.regarding.namespace), body });
    remember(key, { name: body.metadata.name, count: FIRST_IN_SERIES, lastMs: nowMs });
  };

  const remember = (key: string, value: Told) => {
    told.delete(key);
    told.set(key, value);
    const [oldest] = told.keys();
    if (told.size > MAX_REMEMBERED && oldest !== undefined) told.delete(oldest);
  };

  const drop = ({ regarding, reason }: ProfileEvent, why: unknown) => {
    onLog(`event ${reason} about profile ${regarding.namespace}/${regarding.name} was not written: ${why}`);
  };

  return {
    record(event) {
      if (waiting >= MAX_WAITING) return drop(event, `${MAX_WAITING} are waiting already`);
      if (!allowance.take(event.regarding.uid)) return drop(event, 'there were too many about it');
      waiting++;
      last = last
        .then(() => tell(event))
        .catch((error: unknown) => drop(event, error))
        .finally(() => waiting--);
    },
    settled: () => last,
  };
}
