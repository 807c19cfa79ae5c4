/** A local cluster whose owner is killed leaves nothing behind: no process, no mount, no cgroup, no file. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, jest, test } from '@jest/globals';
import { execa, type ResultPromise } from 'execa';
import { type ClusterRecord, readRecord } from '../cluster/record.js';
import { removeCluster, removeLeftovers } from '../cluster/removal.js';
import { childrenOf, signal } from '../servers/processes.js';
import { eventually, record as ownCluster } from './kubernetes.js';
import { tracesOf } from './left-behind/traces.js';

jest.setTimeout(600_000);

let owner: ResultPromise | undefined;
let record: ClusterRecord | undefined;

afterEach(async () => {
  owner?.kill('SIGKILL');
  await owner?.catch(() => {});
  if (record !== undefined) await removeCluster(record.directory);
  owner = record = undefined;
});

async function startCluster(): Promise<{ owner: ResultPromise; record: ClusterRecord }> {
  const program = fileURLToPath(new URL('left-behind/owner.ts', import.meta.url));
  const loader = ['--import', './test/typescript.js'];
  // Its end is what is tested: neither is killed with this process, nor buffers the other's words.
  const options = { reject: false, buffer: false, stdin: 'pipe', stderr: 'inherit' } as const;
  const child = execa(process.execPath, [...loader, program, ownCluster.programs], options);
  owner = child as ResultPromise;
  const [line] = await Promise.race([once(child.stdout, 'data'), child.then(() => [''])]);
  record = readRecord(String(line).trim());
  if (record === undefined) throw new Error('the second cluster could not be started');
  return { owner: child as ResultPromise, record };
}

test('its guard removes all', async () => {
  const started = await startCluster();
  expect((await tracesOf(started.record)).length).toBeGreaterThan(5);
  started.owner.kill('SIGKILL');
  await nothingIsLeft(started.record);
});

test('with its guard killed, too, the next start removes all', async () => {
  const started = await startCluster();
  const guards = childrenOf(started.owner.pid ?? 0).filter(({ pid }) => isGuard(pid, started.record));
  expect(guards).toHaveLength(1);
  for (const guard of guards) signal(guard, 'SIGKILL');
  started.owner.kill('SIGKILL');
  await started.owner;
  expect(await removeLeftovers()).toContain(started.record.name);
  await nothingIsLeft(started.record);
});

async function nothingIsLeft(of: ClusterRecord): Promise<void> {
  let left: string[] = [];
  await eventually('it to be gone', async () => {
    left = await tracesOf(of);
    return left.length === 0;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${left.join('; ')}`);
  });
}

function isGuard(pid: number, { directory }: ClusterRecord): boolean {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return command.includes(directory) && command.some((word) => word.endsWith('guard.ts'));
}
