/** The CustomResourceDefinition of TraceProgram. */
import { traceProgramSpec } from '../trace-program/spec.js';
import { AGE } from './columns.js';
import { type CustomResourceDefinition, customResourceDefinition } from './definition.js';

export function traceProgramDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    names: {
      kind: 'TraceProgram',
      listKind: 'TraceProgramList',
      plural: 'traceprograms',
      singular: 'traceprogram',
      shortNames: ['pgt'],
      categories: ['pgscope'],
    },
    scope: 'Cluster',
    description:
      'A TraceProgram is a bpftrace program that administrators offer for PostgreSQL servers: its source, the arguments that it takes, and what ' +
      'its maps and lines mean as metrics and log records. A PostgresProfile names it.',
    spec: traceProgramSpec,
    columns: [
      { name: 'Description', type: 'string', jsonPath: '.spec.description' },
      { name: 'Scope', type: 'string', jsonPath: '.spec.scope' },
      AGE,
      { name: 'Min version', type: 'string', jsonPath: '.spec.minVersion', priority: 1 },
    ],
  });
}
