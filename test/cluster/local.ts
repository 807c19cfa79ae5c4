/**
 * The local cluster: a real control plane and real nodes on machines made of namespaces, without Docker. It vanishes with the process
 * that started it. The other half, everything that needs no process of its own, is in the files beside this one.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { identify } from '../servers/processes.js';
import { CertificateAuthority } from './certificates.js';
import { ADMIN, CONTROL_PLANE } from './commands.js';
import { startControlPlane } from './control-plane.js';
import { startMachine } from './machine.js';
import { connectNode, createBridge, nodeNetwork } from './network.js';
import { importImages, nodeIsReady, startNode } from './node.js';
import { CLUSTERS_DIRECTORY, type ClusterRecord, writeRecord } from './record.js';
import { removeCluster, removeLeftovers } from './removal.js';

/** What waits as process 1 of a pod does so for a machine, too. */
const PAUSE_SOURCE = 'test/cluster/images/pause/pause.c';
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

export interface LocalClusterOptions {
  /** How many nodes: node-1, node-2, … */
  nodes: number;
  /** Directory of the programs that scripts/build-cluster.sh has built. */
  programs: string;
  /** Archives that each node's containerd imports. */
  images: string[];
  onLog(line: string): void;
}

/** Resolves when every node is Ready. What was started is removed again if something fails. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<ClusterRecord> {
  const { onLog } = options;
  for (const name of await removeLeftovers()) onLog(`removed ${name}, which a process that has ended had left`);
  const record = createRecord(options);
  try {
    startGuard(record);
    await startMachines(record, options);
  } catch (error) {
    await removeCluster(record.directory);
    throw error;
  }
  return record;
}

async function startMachines(record: ClusterRecord, { nodes, images, onLog }: LocalClusterOptions): Promise<void> {
  const init = join(record.directory, 'init');
  await execa('gcc', ['-static', '-O2', '-Wall', '-Werror', '-o', init, join(CHECKOUT, PAUSE_SOURCE)]);
  const start = async (name: string) => {
    const machine = await startMachine(name, init);
    record.machines.push(machine);
    writeRecord(record);
    return machine;
  };
  const controlPlane = await start(CONTROL_PLANE);
  await createBridge(controlPlane);
  const authority = await CertificateAuthority.create(join(record.directory, 'certificates'));
  await authority.writeKubeconfig({ name: ADMIN, commonName: 'admin', organization: 'system:masters' });
  await authority.writeKubeconfig({ name: 'proxy', commonName: 'system:kube-proxy' });
  onLog('starting the control plane');
  await startControlPlane(record, controlPlane, authority);
  onLog(`starting ${nodes} nodes`);
  const indexes = Array.from({ length: nodes }, (_, index) => index + 1);
  await Promise.all(
    indexes.map(async (index) => {
      const machine = await start(`node-${index}`);
      const network = nodeNetwork(index);
      await connectNode(controlPlane, machine, network);
      await startNode({ record, machine, network, authority });
      await importImages(machine, images);
      await nodeIsReady(record, machine);
    }),
  );
}

function createRecord({ programs }: LocalClusterOptions): ClusterRecord {
  const owner = identify(process.pid);
  if (owner === undefined) throw new Error('/proc is not mounted');
  const name = `pgscope-cluster-${randomBytes(3).toString('hex')}`;
  const directory = join(CLUSTERS_DIRECTORY, name);
  const record = { name, directory, owner, programs, machines: [], daemons: [], cgroup: `/${name}` };
  writeRecord(record);
  return record;
}

/** The pipe's writing end stays open in this process alone: its end, however it comes, is what the guard waits for. */
function startGuard({ directory }: ClusterRecord): void {
  const loader = join(CHECKOUT, 'test/typescript.js');
  const guard = fileURLToPath(new URL('guard.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, guard, directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
