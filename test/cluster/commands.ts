/** Commands of an administrator on the cluster: in the control plane's network, with the administrator's kubeconfig. */
import { join } from 'node:path';
import { execa } from 'execa';
import { enter } from './machine.js';
import type { ClusterRecord, MachineRecord } from './record.js';

export const CONTROL_PLANE = 'control-plane';
export const ADMIN = 'admin';

export function machineOf({ machines }: ClusterRecord, name: string): MachineRecord {
  const machine = machines.find((candidate) => candidate.name === name);
  if (machine === undefined) throw new Error(`the cluster has no machine ${name}`);
  return machine;
}

/** Arguments of nsenter for what runs on this host but is to reach the cluster's network. */
export function network(record: ClusterRecord): string[] {
  return enter(machineOf(record, CONTROL_PLANE), ['--net']);
}

/** Environment of commands: kubectl, helm and the others are found, and know the cluster. */
export function environment({ directory, programs }: ClusterRecord): { KUBECONFIG: string; PATH: string } {
  return {
    KUBECONFIG: join(directory, 'certificates', `${ADMIN}.kubeconfig`),
    PATH: `${programs}:${process.env.PATH ?? ''}`,
  };
}

/** Gives what it printed; rejects with that if it fails. */
export async function kubectl(record: ClusterRecord, args: string[], input = ''): Promise<string> {
  const options = { env: environment(record), input };
  const { stdout } = await execa('nsenter', [...network(record), 'kubectl', ...args], options);
  return stdout;
}
