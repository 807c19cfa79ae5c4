import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { shippedFolder } from '../../api/trace-program-files.js';
import { KubeError } from '../../kube/client.js';
import { InstallError, type InstallOptions, installPrograms } from '../../operator/install-programs.js';
import { type MemoryApi, memoryApi, notFound } from './apply/memory-api.js';

const PROGRAMS = '/apis/pgscope.dev/v1alpha1/traceprograms';
const own = (name: string) => ({ 'app.kubernetes.io/managed-by': 'pgscope', 'pgscope.dev/shipped-as': name });
const SHIPPED = ['pg-cpudist', 'pg-read-sleep', 'pg-syscalls', 'pg-writesnoop'];
let api: MemoryApi;
let logs: string[];
let folder: string;

beforeEach(() => {
  api = memoryApi();
  logs = [];
  folder = mkdtempSync(join(tmpdir(), 'pgscope-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function options(change: Partial<InstallOptions> = {}): InstallOptions {
  const signal = new AbortController().signal;
  return { client: api, onLog: (line) => logs.push(line), signal, limitMs: 20, pollMs: 1, ...change };
}

function put(name: string, labels: Record<string, string>, spec: object = {}): void {
  const metadata = { name, uid: `uid-${name}`, resourceVersion: '1', labels };
  api.objects.set(`${PROGRAMS}/${name}`, { metadata, spec });
}

const names = () => [...api.objects.keys()].map((path) => path.slice(PROGRAMS.length + 1)).sort();

test('makes each program that comes with pgscope an object, with its source and our label', async () => {
  await installPrograms(options());
  expect(names()).toEqual(SHIPPED);
  const { metadata, spec } = api.objects.get(`${PROGRAMS}/pg-cpudist`) ?? {};
  expect(metadata?.labels).toEqual(own('pg-cpudist'));
  expect(spec).toMatchObject({ scope: 'target', source: expect.stringContaining('PGSCOPE_TARGET') });
  expect(logs).toEqual([`has installed 4 TracePrograms: ${SHIPPED.join(', ')}`]);
});

test('brings those of an older version up to date, and deletes what comes no more', async () => {
  put('pg-cpudist', own('pg-cpudist'), { source: 'old' });
  put('pg-removed', own('pg-removed'));
  await installPrograms(options());
  expect(names()).toEqual(SHIPPED);
  expect(api.objects.get(`${PROGRAMS}/pg-cpudist`)?.spec).not.toEqual({ source: 'old' });
  expect(logs).toContain('has deleted what comes no more: pg-removed');
});

test('leaves alone what people have written, also under the name of one of its own', async () => {
  put('pg-cpudist', {}, { source: 'mine' });
  put('ours', { 'app.kubernetes.io/managed-by': 'Helm' }, { source: 'ours' });
  put('copy', own('pg-cpudist'), { source: 'a copy, labels and all' });
  await installPrograms(options());
  expect(names()).toEqual(['copy', 'ours', ...SHIPPED]);
  expect(api.objects.get(`${PROGRAMS}/pg-cpudist`)).toMatchObject({
    metadata: { labels: {} },
    spec: { source: 'mine' },
  });
  expect(logs.at(-1)).toMatch(/^leaves pg-cpudist alone, which somebody else has made; delete it and upgrade/);
  expect(api.writes.some((write) => /pg-cpudist|ours|copy/.test(write))).toBe(false);
});

describe('waits', () => {
  test('for the API server to know the kind', async () => {
    let refusals = 2;
    api.failure = ({ path }) => (path === PROGRAMS && refusals-- > 0 ? notFound(path) : undefined);
    await installPrograms(options({ limitMs: 10_000 }));
    expect(logs.filter((line) => line.startsWith('tries again: the API server does not know'))).toHaveLength(2);
    expect(names()).toEqual(SHIPPED);
  });

  test('not for ever, and says then what to do', async () => {
    api.failure = ({ path }) => notFound(path);
    const installing = installPrograms(options());
    await expect(installing).rejects.toThrow(InstallError);
    await expect(installing).rejects.toThrow(/crds\.install=true.*programs\.install=false/);
  });

  test('for rights that come a moment later', async () => {
    let refusals = 2;
    api.failure = ({ method }) =>
      method === 'PATCH' && refusals-- > 0 ? new KubeError('forbidden', { code: 403, reason: 'Forbidden' }) : undefined;
    await installPrograms(options({ limitMs: 10_000 }));
    expect(names()).toEqual(SHIPPED);
  });
});

describe('refuses', () => {
  test('a folder without programs, in which case nothing is deleted', async () => {
    put('pg-cpudist', own('pg-cpudist'));
    for (const empty of [folder, join(folder, 'absent')])
      await expect(installPrograms(options({ folder: empty }))).rejects.toThrow(`${empty}: there is no trace program`);
    expect(api.writes).toEqual([]);
  });

  test('a program without a description, before anything is written', async () => {
    mkdirSync(join(folder, 'programs'));
    writeFileSync(join(folder, 'programs', 'pg_new.bt'), 'BEGIN { }\n');
    await expect(installPrograms(options({ folder: join(folder, 'programs') }))).rejects.toThrow(
      /pg_new\.yaml cannot be read/,
    );
    expect(api.writes).toEqual([]);
  });
});

test('the programs lie in bpf/programs', () => {
  expect(shippedFolder()).toBe(join(import.meta.dirname, '../../bpf/programs'));
});
