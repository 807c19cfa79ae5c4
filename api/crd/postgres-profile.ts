/** The CustomResourceDefinition of PostgresProfile. */
import { profileSpec } from '../postgres-profile/spec.js';
import { profileStatus } from '../postgres-profile/status.js';
import { AGE, LEVEL, READY, REASON } from './columns.js';
import { type CustomResourceDefinition, customResourceDefinition } from './definition.js';

export function postgresProfileDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    names: {
      kind: 'PostgresProfile',
      listKind: 'PostgresProfileList',
      plural: 'postgresprofiles',
      singular: 'postgresprofile',
      shortNames: ['pgp'],
      categories: ['pgscope'],
    },
    scope: 'Namespaced',
    description:
      'A PostgresProfile tells pgscope to profile the PostgreSQL servers of some pods of its namespace, statement by statement, and to ' +
      'export spans and metrics over OpenTelemetry. The pods need no change and no restart.',
    spec: profileSpec,
    status: profileStatus,
    columns: [
      READY,
      {
        name: 'Targets',
        type: 'integer',
        jsonPath: '.status.targets.matched',
        description: 'PostgreSQL servers found.',
      },
      {
        name: 'Attached',
        type: 'integer',
        jsonPath: '.status.targets.attached',
        description: 'Servers being profiled.',
      },
      { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes.ready', description: 'Nodes whose agent is ready.' },
      {
        name: 'Lost',
        type: 'integer',
        jsonPath: '.status.lostEvents',
        description: 'Events lost, to two significant digits.',
      },
      LEVEL,
      AGE,
      REASON,
    ],
  });
}
