/** A reflector of pods against the server in tests, whose changes are checked and replayed. */
import { createKubeClient, type KubeConnection } from '../../kube/client.js';
import type { Clock } from '../../kube/clock.js';
import type { Identified } from '../../kube/objects.js';
import { type Change, createReflector } from '../../kube/reflector.js';
import { waitUntil } from '../servers/wait.js';
import { type Pod, summarise } from './api-server/collection.js';
import type { ApiServer } from './api-server.js';
import { PODS } from './api-server.js';
import { createReplay } from './replay.js';

/** Generous: a slow machine is no failure. */
export const LIMIT_MS = 30_000;

export interface SmallPod extends Identified {
  label: string | undefined;
}

export function projectPod(raw: unknown): SmallPod {
  const { metadata } = raw as Pod;
  const { name, namespace, uid, resourceVersion } = metadata;
  return { metadata: { name, namespace, uid, resourceVersion }, label: metadata.labels.label };
}

export interface PodReflectorOptions {
  clock?: Clock;
  pageSize?: number;
  connection?: Partial<KubeConnection>;
  project?: (raw: unknown) => SmallPod;
  /** Called before the one that checks. */
  listeners?: ((change: Change<SmallPod>) => void)[];
}

/** Started; `faults` collects what must not be. */
export function reflectPods(
  server: ApiServer,
  { clock, pageSize, connection, project = projectPod, listeners = [] }: PodReflectorOptions = {},
) {
  const client = createKubeClient({ server: server.url, ...connection }, undefined, clock);
  const log: string[] = [];
  const changes: Change<SmallPod>[] = [];
  const reflector = createReflector<SmallPod>({
    client,
    path: PODS,
    name: 'pods',
    project,
    onLog: (line) => log.push(line),
    ...(clock && { clock }),
    ...(pageSize && { pageSize }),
  });

  for (const listener of listeners) reflector.onChange(listener);
  const replay = createReplay(() => reflector.store);
  reflector.onChange((change) => {
    changes.push(change);
    replay.take(change);
  });
  reflector.start();

  const settled = (): boolean => reflector.synced && same(summarise(reflector.store.values()), server.pods.summary());

  return {
    client,
    reflector,
    log,
    faults: replay.faults,
    changes,
    /** The store, by its changes alone. */
    replayed: replay.summary,
    /** Waits until the store equals the server's. */
    settle: async (): Promise<void> => {
      if (await waitUntil(settled, LIMIT_MS)) return;
      throw new Error(`the store never became the server's: ${JSON.stringify(reflector.progress)}\n${log.join('\n')}`);
    },
    stop: async (): Promise<void> => {
      await reflector.stop();
      client.close();
    },
  };
}

export type PodReflector = ReturnType<typeof reflectPods>;

function same(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
