/** The controllers, and which of them has to look at what after a change. The door of the operator's domain. */
import type { Change } from '../kube/reflector.js';
import type { Cluster } from './cluster.js';
import type { Controller } from './controller.js';
import { createIndexes, type Indexes, profileKeyOf } from './indexes.js';
import { createNodeController } from './nodes.js';
import { createProfileController, selects } from './profiles.js';
import { isSame } from './same.js';
import type { AgentPod, NodeObject, NodeProfileObject, Pod, Profile } from './views.js';

/** What there is to reconcile: a key of the controller of this name. */
export interface Due {
  controller: string;
  key: string;
}

export interface Controllers {
  controllers: Controller[];
  /**
   * What is due after a change of a store. Each is to be called for every change of its store, in order, from the first one on and also
   * while another operator leads: the indexes live on them.
   */
  changed: {
    profiles(change: Change<Profile>): Due[];
    pods(change: Change<Pod>): Due[];
    nodeProfiles(change: Change<NodeProfileObject>): Due[];
    agents(change: Change<AgentPod>): Due[];
    nodes(change: Change<NodeObject>): Due[];
  };
  /** Everything: to be enqueued when this operator begins to lead. */
  all(): Due[];
}

export function createControllers(cluster: Cluster): Controllers {
  const indexes = createIndexes();
  const profiles = createProfileController(cluster, indexes);
  const nodes = createNodeController(cluster, indexes);
  const profile = (key: string): Due => ({ controller: profiles.name, key });
  const node = (key: string): Due => ({ controller: nodes.name, key });
  const ofNode = (name: string) =>
    [...indexes.nodeProfilesByNode.of(name)].map((object) => profile(profileKeyOf(object)));

  return {
    controllers: [profiles, nodes],
    changed: {
      profiles(change) {
        indexes.profilesByNamespace.apply(change);
        return [profile(keyOf(change.object))];
      },
      pods(change) {
        indexes.podsByNamespace.apply(change);
        return isNews(change) ? profilesOf(change, indexes).map(profile) : [];
      },
      nodeProfiles(change) {
        indexes.nodeProfilesByProfile.apply(change);
        indexes.nodeProfilesByNode.apply(change);
        const share = profile(profileKeyOf(change.object));
        return change.type === 'updated' ? [share] : [share, node(change.object.spec.nodeName)];
      },
      agents(change) {
        indexes.agentsByNode.apply(change);
        if (!isNews(change)) return [];
        const places = new Set(versionsOf(change).flatMap(({ nodeName }) => nodeName ?? []));
        return [...places].flatMap(ofNode);
      },
      nodes(change) {
        const { name } = change.object.metadata;
        if (!isNews(change)) return [];
        return isNewsToProfiles(change) ? [node(name), ...ofNode(name)] : [node(name)];
      },
    },
    all() {
      const profileKeys = new Set([
        ...[...cluster.profiles.values()].map(keyOf),
        ...[...cluster.nodeProfiles.values()].map(profileKeyOf),
      ]);
      return [
        ...[...profileKeys].map(profile),
        ...[...cluster.nodes.values()].map(({ metadata }) => node(metadata.name)),
      ];
    },
  };
}

/** A profile is concerned if it means the pod as it is, or as it was. */
function profilesOf(change: Change<Pod>, { profilesByNamespace }: Indexes): string[] {
  const versions = versionsOf(change);
  return [...profilesByNamespace.of(change.object.metadata.namespace)]
    .filter(({ reading }) => reading.ok && versions.some((pod) => selects(reading.spec, pod)))
    .map(keyOf);
}

function versionsOf<T>(change: Change<T>): T[] {
  return change.type === 'updated' ? [change.previous, change.object] : [change.object];
}

/** Most updates change nothing that the operator keeps. */
function isNews<T extends { metadata: object }>(change: Change<T>): boolean {
  return change.type !== 'updated' || !isSame(content(change.previous), content(change.object));
}

function content<T extends { metadata: object }>(object: T): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: '' } };
}

/** The label is the operator's own doing: on a thousand nodes it would have every profile looked at as often. */
function isNewsToProfiles(change: Change<NodeObject>): boolean {
  if (change.type !== 'updated') return true;
  const { previous, object } = change;
  return previous.ready !== object.ready || previous.unsupported !== object.unsupported;
}

function keyOf({ metadata }: { metadata: { namespace: string; name: string } }): string {
  return `${metadata.namespace}/${metadata.name}`;
}
