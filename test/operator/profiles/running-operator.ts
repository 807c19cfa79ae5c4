/** The controllers over objects in memory: every write comes back as a change, and what is due is reconciled until nothing is. */
import type { NodeProfileStatus } from '../../../api/node-profile.js';
import type { Cluster, ControllerSettings } from '../../../operator/cluster.js';
import { createControllers, type Due } from '../../../operator/controllers.js';
import type { ProfileEvent } from '../../../operator/events.js';
import type { DesiredNodeProfile } from '../../../operator/profiles/node-profiles.js';
import {
  projectAgentPod,
  projectNode,
  projectNodeProfile,
  projectPod,
  projectProfile,
} from '../../../operator/views.js';
import { type MemoryApi, memoryApi } from '../apply/memory-api.js';
import { NOW_MS, type RawObject } from './objects.js';
import { settings } from './scene.js';

const KINDS = {
  profiles: { path: (o: RawObject) => custom('postgresprofiles', o), project: projectProfile },
  nodeProfiles: { path: (o: RawObject) => custom('nodeprofiles', o), project: projectNodeProfile },
  pods: {
    path: (o: RawObject) => `/api/v1/namespaces/${o.metadata.namespace}/pods/${o.metadata.name}`,
    project: projectPod,
  },
  agents: { path: (o: RawObject) => `/agents/${o.metadata.name}`, project: projectAgentPod },
  nodes: { path: (o: RawObject) => `/api/v1/nodes/${o.metadata.name}`, project: projectNode },
};
type Kind = keyof typeof KINDS;

function custom(plural: string, { metadata }: RawObject): string {
  return `/apis/pgscope.dev/v1alpha1/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
}

export interface RunningOperator {
  api: MemoryApi;
  events: ProfileEvent[];
  clock: { nowMs: number };
  put(kind: Kind, ...objects: RawObject[]): void;
  remove(kind: Kind, object: RawObject): void;
  /** Reconciles until nothing is due; the shortest pause that was asked for last, by key. */
  settle(): Promise<Map<string, number>>;
  /** As a new process that has read everything: nothing is remembered. */
  restart(): void;
  nodeProfiles(): RawObject[];
  profile(name?: string): RawObject;
  /** Every agent answers to its NodeProfiles as they are. */
  answer(status: (desired: DesiredNodeProfile) => NodeProfileStatus): void;
}

export function runningOperator(change: Partial<ControllerSettings> = {}): RunningOperator {
  const api = memoryApi();
  const clock = { nowMs: NOW_MS };
  const events: ProfileEvent[] = [];
  let due = new Map<string, Due>();
  let running = start();

  function start() {
    const stores = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, new Map()])) as Record<
      Kind,
      Map<string, never>
    >;
    const cluster = {
      ...stores,
      client: api,
      settings: { ...settings, ...change },
      clock: { now: () => clock.nowMs },
      events: { record: (event: ProfileEvent) => events.push(event), settled: async () => {} },
      onLog: () => {},
    } as unknown as Cluster;
    const controllers = createControllers(cluster);
    return { stores, controllers };
  }

  function see(path: string, before: RawObject | undefined, after: RawObject | undefined): void {
    const some = after ?? before;
    const kind = (Object.keys(KINDS) as Kind[]).find((one) => some && KINDS[one].path(some) === path);
    if (kind === undefined || some === undefined) return;
    const { project } = KINDS[kind];
    const { namespace, name } = some.metadata;
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    const store = running.stores[kind] as Map<string, unknown>;
    const previous = store.get(key);
    const object = project(structuredClone(some));
    if (after === undefined) store.delete(key);
    else store.set(key, object);
    const type = after === undefined ? 'deleted' : previous === undefined ? 'added' : 'updated';
    const changed = running.controllers.changed[kind] as (change: unknown) => Due[];
    for (const one of changed({ type, object: after === undefined ? previous : object, previous })) enqueue(one);
  }

  function enqueue(one: Due): void {
    due.set(`${one.controller} ${one.key}`, one);
  }

  api.onWrite = see;
  return {
    api,
    events,
    clock,
    put(kind, ...objects) {
      for (const object of objects) {
        const path = KINDS[kind].path(object);
        const before = api.objects.get(path);
        api.objects.set(path, object);
        see(path, before, object);
      }
    },
    remove(kind, object) {
      const path = KINDS[kind].path(object);
      const before = api.objects.get(path);
      api.objects.delete(path);
      see(path, before, undefined);
    },
    async settle() {
      for (const one of running.controllers.all()) enqueue(one);
      const pauses = new Map<string, number>();
      for (let rounds = 0; due.size > 0; rounds++) {
        if (rounds > 50) throw new Error('it never settles');
        const batch = due;
        due = new Map();
        for (const [id, { controller, key }] of batch) {
          const one = running.controllers.controllers.find(({ name }) => name === controller);
          const requeue = await one?.reconcile(key, new AbortController().signal);
          pauses.delete(id);
          if (requeue) pauses.set(id, requeue.afterMs);
        }
      }
      return pauses;
    },
    restart() {
      due = new Map();
      running = start();
      for (const [path, object] of api.objects) see(path, undefined, object);
    },
    nodeProfiles: () =>
      [...api.objects].filter(([path]) => path.includes('/nodeprofiles/')).map(([, object]) => object),
    profile: (name = 'orders') => {
      const found = api.objects.get(
        custom('postgresprofiles', { metadata: { name, namespace: 'shop', uid: '', resourceVersion: '' } }),
      );
      if (found === undefined) throw new Error(`no profile ${name}`);
      return found;
    },
    answer(status) {
      for (const object of this.nodeProfiles()) {
        const report = {
          ...status(object as unknown as DesiredNodeProfile),
          observedGeneration: object.metadata.generation,
        };
        const resourceVersion = `${object.metadata.resourceVersion}-answered`;
        this.put('nodeProfiles', { ...object, metadata: { ...object.metadata, resourceVersion }, status: report });
      }
    },
  };
}
