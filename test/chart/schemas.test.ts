/** The same specs, right and wrong, that the zod definitions are tested with: a real API server has to find the same fields wrong in each. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { check } from '../../api/fault.js';
import { nodeProfileSpec } from '../../api/node-profile/spec.js';
import { profileSpec } from '../../api/postgres-profile/spec.js';
import { traceProgramSpec } from '../../api/trace-program/spec.js';
import * as nodeProfiles from '../api/node-profile/specs.js';
import * as postgresProfiles from '../api/postgres-profile/specs.js';
import * as tracePrograms from '../api/trace-program/specs.js';
import { type Answer, type ApiServer, startApiServer } from './api-server.js';
import { nodeProfile, nodeProfilePath } from './installation.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '/apis/pgscope.dev/v1alpha1';
const NAMESPACE = `${GROUP}/namespaces/default`;
const KINDS = {
  PostgresProfile: { schema: profileSpec, ...postgresProfiles },
  NodeProfile: { schema: nodeProfileSpec, ...nodeProfiles },
  TraceProgram: { schema: traceProgramSpec, ...tracePrograms },
};
type Kind = keyof typeof KINDS;
/** Where objects of a kind are. */
const PATHS: Record<Kind, string> = {
  PostgresProfile: `${NAMESPACE}/postgresprofiles`,
  NodeProfile: `${NAMESPACE}/nodeprofiles`,
  TraceProgram: `${GROUP}/traceprograms`,
};

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer();
  for (const kind of ['postgresprofiles', 'nodeprofiles', 'traceprograms']) {
    const body = parse(await readFile(`crds/pgscope.dev_${kind}.yaml`, 'utf8'));
    expect(await server.ask('POST', DEFINITIONS, { body })).toMatchObject({ code: 201 });
  }
  const endMs = Date.now() + 60_000;
  for (const path of Object.values(PATHS)) {
    while ((await server.ask('GET', path)).code !== 200) {
      if (Date.now() > endMs) throw new Error(`${path} is not served`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}, 180_000);

afterAll(() => server?.stop());

async function create(kind: Kind, spec: unknown): Promise<Answer> {
  const body = { apiVersion: 'pgscope.dev/v1alpha1', kind, metadata: { name: 'one' }, spec };
  return await server.ask('POST', `${PATHS[kind]}?dryRun=All&fieldValidation=Strict`, { body });
}

/** Whether a field is null; the whole spec may be, which is refused as any other that is no map. */
function hasNull(spec: unknown): boolean {
  return spec !== null && typeof spec === 'object' && Object.values(spec).includes(null);
}

/** The fields that our own check finds fault with, in Kubernetes' spelling. */
function faultyFields(kind: Kind, spec: unknown, only: (text: string) => boolean = () => true): string[] {
  const result = check(KINDS[kind].schema, spec);
  const faults = 'faults' in result ? result.faults : [];
  return faults.filter(({ text }) => only(text)).map(({ path }) => `spec${path.map(step).join('')}`);
}

function step(key: PropertyKey): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}

/** Those that the API server names: of what stands twice in a list we name the list, it the second one. */
function refusedFields({ body }: Answer): string[] {
  const causes: { field: string; reason: string }[] = body.details.causes;
  const named = causes.filter(({ field }) => field !== '<nil>'); // Says that rules were not looked at.
  return named.map(({ field, reason }) => (reason === 'FieldValueDuplicate' ? field.replace(/\[\d+\]$/, '') : field));
}

/** Unknown fields are all that it names where there are any; what is in a map in place of a list is unknown, too. */
function unknownFields({ message }: Answer, faulty: readonly string[]): string[] {
  const named = Array.from(message.matchAll(/unknown field "([^"]+)"/g), ([, field = '']) => field);
  return named.map((field) => faulty.find((one) => field === one || field.startsWith(`${one}.`)) ?? field);
}

const distinct = (fields: readonly string[]) => [...new Set(fields)].sort();

describe.each(Object.keys(KINDS) as Kind[])('a %s', (kind) => {
  const { RIGHT, WRONG } = KINDS[kind];
  const wrong = WRONG.map(([spec, error]) => ({ spec, error })).filter(({ spec }) => !hasNull(spec));

  test.each(RIGHT)('is accepted: %s', async (_, spec) => {
    expect(await create(kind, spec)).toMatchObject({ code: 201, message: '' });
  });

  test.each(wrong)('is refused, for the same fields: $error', async ({ spec }) => {
    const answer = await create(kind, spec);
    const faulty = faultyFields(kind, spec);
    if (answer.code === 400) {
      const unknown = faultyFields(kind, spec, (text) => text.startsWith('unknown field'));
      expect(distinct(unknownFields(answer, faulty))).toEqual(distinct(unknown.length > 0 ? unknown : faulty));
    } else {
      expect(answer.code).toBe(422);
      expect(distinct(refusedFields(answer))).toEqual(distinct(faulty));
    }
  });
});

describe('a PostgresProfile', () => {
  // The one difference: Kubernetes takes null for the absence of a field that has a default; `record -f` does not.
  test.each(KINDS.PostgresProfile.WRONG.filter(([spec]) => hasNull(spec)))(
    'has the default in place of null: %j',
    async (spec) => {
      const { code, body } = await create('PostgresProfile', spec);
      expect([code, body.spec.queryText]).toEqual([201, 'normalized']);
    },
  );

  test('has every default filled in', async () => {
    const { body } = await create('PostgresProfile', { podName: 'orders-db-0' });
    expect(body.spec).toEqual({
      podName: 'orders-db-0',
      suspend: false,
      level: 'statements',
      queryText: 'normalized',
      spans: {
        minDuration: '100ms',
        minWait: '1ms',
        nestedDepth: 1,
        errors: true,
        sampleRatio: 0,
        traceContext: ['sqlcomment', 'application_name'],
        maxPerSecond: 100,
      },
      metrics: { interval: '15s', maxQueries: 500 },
      programs: [],
      export: { destination: 'default' },
    });
  });
});

describe('a NodeProfile', () => {
  test('is found by the node that it is for', async () => {
    for (const [name, node] of [['a', 'node-1'] as const, ['b', 'node-2'] as const]) {
      const body = { ...nodeProfile(name, node), metadata: { name } };
      expect(await server.ask('POST', nodeProfilePath('default'), { body })).toMatchObject({ code: 201 });
    }
    const path = '/apis/pgscope.dev/v1alpha1/nodeprofiles?fieldSelector=spec.nodeName%3Dnode-2';
    const { body } = await server.ask('GET', path);
    expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['b']);
  });
});
