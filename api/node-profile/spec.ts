/** The spec of a NodeProfile: one profile's share for one node, resolved. The operator writes it; it holds no secret and no query text. */
import { z } from 'zod';
import { count, dnsLabel, listByKey, objectName, timestamp } from '../field-types.js';
import { specFields } from '../postgres-profile/spec.js';
import { withRules } from '../rule.js';

const MAX_ATTRIBUTES = 64;

const resource = withRules(z.record(z.string(), z.string().max(1024).describe('Value of the attribute.')), {
  message: `has more than ${MAX_ATTRIBUTES} attributes`,
  holds: (attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES,
  keywords: { maxProperties: MAX_ATTRIBUTES },
});

const target = z.strictObject({
  podNamespace: dnsLabel("a namespace's name").describe("The pod's namespace."),
  podName: objectName("a pod's name").describe("The pod's name."),
  podUID: z
    .string()
    .min(1)
    .max(64)
    .describe("The pod's UID: a pod that comes after it under the same name is another one."),
  container: dnsLabel("a container's name").describe("The container's name."),
  containerID: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[a-z0-9.-]+:\/\/[A-Za-z0-9_.-]+$/, { error: 'is not a container ID such as containerd://0123abcd…' })
    .describe('The container, as its runtime knows it: containerd://… A restarted container has another one.'),
  resource: resource.describe(
    'Attributes of the OpenTelemetry resource of this container, as the operator resolved them.',
  ),
});

export const nodeProfileSpec = z
  .strictObject({
    nodeName: objectName("a node's name").describe('The node whose agent this is for.'),
    profile: z
      .strictObject({
        name: objectName("a profile's name").describe('Its name, in the same namespace.'),
        uid: z.string().min(1).max(64).describe('Its UID.'),
        generation: count().describe('The generation of its spec that this was made from.'),
      })
      .describe('The PostgresProfile that this is a share of.'),
    level: specFields.shape.level,
    queryText: specFields.shape.queryText,
    spans: specFields.shape.spans,
    metrics: specFields.shape.metrics,
    programs: specFields.shape.programs,
    destination: dnsLabel("a destination's name")
      .default('default')
      .describe('Name of a destination that the administrator has defined.'),
    expiresAt: timestamp()
      .optional()
      .describe('When the agent detaches everything, by its own clock. Without it: until this object is deleted.'),
    targets: listByKey(target.describe('One container of a pod on this node.'), 'containerID', 256).describe(
      'The containers to look for a PostgreSQL server in.',
    ),
  })
  .describe('What the agent of one node captures for one profile; written by the operator.');

export type NodeProfileSpec = z.output<typeof nodeProfileSpec>;
export type NodeProfileTarget = NodeProfileSpec['targets'][number];
