/** The CustomResourceDefinition of NodeProfile. */
import { nodeProfileSpec } from '../node-profile/spec.js';
import { nodeProfileStatus } from '../node-profile/status.js';
import { AGE, LEVEL, READY, REASON } from './columns.js';
import { type CustomResourceDefinition, customResourceDefinition } from './definition.js';

export function nodeProfileDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    names: {
      kind: 'NodeProfile',
      listKind: 'NodeProfileList',
      plural: 'nodeprofiles',
      singular: 'nodeprofile',
      shortNames: ['pgnp'],
      categories: ['pgscope'],
    },
    scope: 'Namespaced',
    description:
      "A NodeProfile is the share of one PostgresProfile for one node. pgscope's operator writes its spec, the agent of the node its status; " +
      'people only look at it.',
    spec: nodeProfileSpec,
    status: nodeProfileStatus,
    selectableFields: ['.spec.nodeName'],
    columns: [
      { name: 'Profile', type: 'string', jsonPath: '.spec.profile.name' },
      { name: 'Node', type: 'string', jsonPath: '.spec.nodeName' },
      READY,
      LEVEL,
      AGE,
      REASON,
    ],
  });
}
