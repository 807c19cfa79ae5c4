/**
 * A machine of the local cluster: a set of namespaces (processes, mounts, network, host name) that live as long as their process 1.
 * Killing that one process ends everything there, and the kernel then removes its mounts, interfaces and packet filters. It is killed
 * when the process that started the machine ends, by whatever way.
 */
import { spawn } from 'node:child_process';
import { execa } from 'execa';
import { childrenOf, identify, isAlive, type ProcessIdentity } from '../servers/processes.js';
import type { MachineRecord } from './record.js';
import { waitFor } from './wait.js';

/** Those of `nsenter` for a program that is to be on the machine in every respect. */
const EVERYTHING = ['--mount', '--uts', '--net', '--pid'];

export async function startMachine(name: string, init: string): Promise<MachineRecord> {
  const namespaces = ['--fork', '--pid', '--mount', '--mount-proc', '--uts', '--net', '--propagation', 'private'];
  const command = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '--kill-child=SIGKILL', '--', init];
  const child = spawn('setpriv', command, {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  const first = await onlyChildOf(child.pid ?? 0, `the first process of ${name}`);
  const machine = { name, init: first };
  await waitFor(`the start of ${name}`, 10_000, async () => (await run(machine, ['readlink', '/proc/self'])) !== '');
  // Shared among what runs here (kubelet asks for that), not with the host.
  await run(machine, ['mount', '--make-rshared', '/']);
  await run(machine, ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
  await run(machine, ['hostname', name]);
  await run(machine, ['ip', 'link', 'set', 'lo', 'up']);
  await run(machine, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  return machine;
}

/** Runs a program on the machine and gives its output. */
export async function run(machine: MachineRecord, command: string[]): Promise<string> {
  const { stdout } = await execa('nsenter', [...enter(machine, EVERYTHING), ...command]);
  return stdout;
}

/** Arguments of nsenter; `namespaces` of the machine, the rest stays the caller's. */
export function enter({ init }: MachineRecord, namespaces = EVERYTHING): string[] {
  return ['--target', String(init.pid), ...namespaces, '--'];
}

/** What nsenter or unshare with --fork has started: the program itself, seen from here. */
export async function onlyChildOf(pid: number, what: string): Promise<ProcessIdentity> {
  let child: ProcessIdentity | undefined;
  await waitFor(what, 10_000, async () => {
    [child] = childrenOf(pid);
    if (child === undefined && identify(pid) === undefined) throw new Error('it ended at once');
    return child !== undefined;
  });
  if (child === undefined || !isAlive(child)) throw new Error(`${what} ended at once`);
  return child;
}
