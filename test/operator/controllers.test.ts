/** What is due after a change of a node. */
import { expect, test } from '@jest/globals';
import type { Cluster } from '../../operator/cluster.js';
import { createControllers } from '../../operator/controllers.js';
import { projectNode, projectNodeProfile } from '../../operator/views.js';
import { rawNode } from './profiles/objects.js';

const NODE_PROFILE = {
  metadata: { name: 'orders-1', namespace: 'shop', uid: 'a', resourceVersion: '1' },
  spec: { nodeName: 'worker-1', profile: { name: 'orders', uid: 'b', generation: 1 }, targets: [] },
};

test("a node's own label concerns no profile, its readiness does, a heartbeat nobody", () => {
  const { changed } = createControllers({} as Cluster);
  changed.nodeProfiles({ type: 'added', object: projectNodeProfile(NODE_PROFILE) });
  const object = projectNode(rawNode('worker-1'));
  const after = (change: object) => {
    const next = { ...object, ...change, metadata: { ...object.metadata, resourceVersion: '99' } };
    const due = changed.nodes({ type: 'updated', previous: object, object: next });
    return due.map(({ controller, key }) => `${controller} ${key}`);
  };
  expect(after({})).toEqual([]);
  expect(after({ agentLabel: 'true' })).toEqual(['node worker-1']);
  expect(after({ ready: !object.ready })).toEqual(['node worker-1', 'postgresprofile shop/orders']);
});
