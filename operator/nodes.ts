/** The controller of node labels: agents run where a target is, and a while longer. The door of operator/nodes/. */

import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/client.js';
import type { Cluster } from './cluster.js';
import type { Controller } from './controller.js';
import type { Indexes } from './indexes.js';
import { AGENT_LABEL, AGENT_LABEL_VALUE, CONTROLLER_NAMES } from './names.js';
import { labelStep } from './nodes/label-step.js';

/**
 * Keys are names of nodes. When a node lost its last target is kept in memory alone: after a restart the grace period counts from its
 * beginning again, which costs an agent a few minutes more, and no writes.
 */
export function createNodeController(cluster: Cluster, indexes: Indexes): Controller {
  /** By name, for nodes in the store only. */
  const unwantedSinceMs = new Map<string, number>();

  return {
    name: CONTROLLER_NAMES.nodes,
    async reconcile(key, signal) {
      const node = cluster.nodes.get(key);
      if (node === undefined) {
        unwantedSinceMs.delete(key);
        return undefined;
      }
      const wanted = !indexes.nodeProfilesByNode.of(key).next().done;
      const nowMs = cluster.clock.now();
      if (wanted) unwantedSinceMs.delete(key);
      else if (!unwantedSinceMs.has(key)) unwantedSinceMs.set(key, nowMs);
      const step = labelStep({
        wanted,
        label: node.agentLabel,
        unwantedForMs: nowMs - (unwantedSinceMs.get(key) ?? nowMs),
        graceMs: cluster.settings.labelGraceMs,
      });
      if (step.do === 'wait') return { afterMs: step.ms };
      if (step.do !== 'nothing') await setAgentLabel(cluster.client, key, step.do === 'set', signal);
      return undefined;
    },
  };
}

/** Sets or takes away the one label; a node that has gone is no error, and none is ever created. */
export async function setAgentLabel(client: KubeClient, node: string, on: boolean, signal: AbortSignal): Promise<void> {
  try {
    await client.request({
      method: 'PATCH',
      path: `/api/v1/nodes/${node}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { [AGENT_LABEL]: on ? AGENT_LABEL_VALUE : null } } },
      signal,
    });
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 404)) throw error;
  }
}
