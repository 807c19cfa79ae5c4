/** The same specs, right and wrong, that the zod definition is tested with: a real API server has to say the same about each. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { RIGHT, WRONG } from '../api/postgres-profile/specs.js';
import { type Answer, type ApiServer, startApiServer } from './api-server.js';
import { nodeProfile, nodeProfilePath } from './installation.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const PROFILES = '/apis/pgscope.dev/v1alpha1/namespaces/default/postgresprofiles';
const STRICT = 'dryRun=All&fieldValidation=Strict';

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer();
  for (const kind of ['postgresprofiles', 'nodeprofiles']) {
    const body = parse(await readFile(`crds/pgscope.dev_${kind}.yaml`, 'utf8'));
    expect(await server.ask('POST', DEFINITIONS, { body })).toMatchObject({ code: 201 });
  }
  const endMs = Date.now() + 60_000;
  while ((await server.ask('GET', PROFILES)).code !== 200) {
    if (Date.now() > endMs) throw new Error('the kinds are not served');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}, 180_000);

afterAll(() => server?.stop());

/** Whether a field is null; the whole spec may be, which is refused as any other that is no map. */
function hasNull(spec: unknown): boolean {
  return spec !== null && typeof spec === 'object' && Object.values(spec).includes(null);
}

async function create(spec: unknown): Promise<Answer> {
  const metadata = { name: 'one' };
  const body = { apiVersion: 'pgscope.dev/v1alpha1', kind: 'PostgresProfile', metadata, spec };
  return await server.ask('POST', `${PROFILES}?${STRICT}`, { body });
}

describe('a PostgresProfile', () => {
  test.each(RIGHT)('is accepted: %s', async (_, spec) => {
    expect(await create(spec)).toMatchObject({ code: 201, message: '' });
  });

  test.each(WRONG.filter(([spec]) => !hasNull(spec)))('is refused: %j', async (spec) => {
    const { code, message } = await create(spec);
    expect([code, message]).toEqual([code === 400 ? 400 : 422, expect.stringMatching(/spec/)]);
  });

  // The one difference: Kubernetes takes null for the absence of a field that has a default; `record -f` does not.
  test.each(WRONG.filter(([spec]) => hasNull(spec)))('has the default in place of null: %j', async (spec) => {
    const { code, body } = await create(spec);
    expect([code, body.spec.queryText]).toEqual([201, 'normalized']);
  });

  test('has every default filled in', async () => {
    const { body } = await create({ podName: 'orders-db-0' });
    expect(body.spec).toEqual({
      podName: 'orders-db-0',
      suspend: false,
      level: 'statements',
      queryText: 'normalized',
      spans: {
        minDuration: '100ms',
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
