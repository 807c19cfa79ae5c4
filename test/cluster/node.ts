/** A node: a machine with containerd, kubelet and kube-proxy, each at its usual paths, since the machine has its own mounts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateAuthority } from './certificates.js';
import { createCgroup } from './cgroups.js';
import { kubectl } from './commands.js';
import { startDaemon } from './daemon.js';
import { run } from './machine.js';
import { DNS_ADDRESS, type NodeNetwork } from './network.js';
import { containerdConfig, kubeletConfig, podNetworkConfig, proxyConfig } from './node-config.js';
import type { ClusterRecord, MachineRecord } from './record.js';
import { waitFor } from './wait.js';

export interface NodeParts {
  record: ClusterRecord;
  machine: MachineRecord;
  network: NodeNetwork;
  authority: CertificateAuthority;
}

export async function startNode(parts: NodeParts): Promise<void> {
  const { record, machine, authority } = parts;
  const files = await writeNodeFiles(parts);
  const cgroup = `${record.cgroup}/${machine.name}`;
  await createCgroup(cgroup);
  await mountState(machine, files);
  const start = async (name: string, command: string[]): Promise<void> =>
    await startDaemon(record, { name: `${name}@${machine.name}`, machine: machine.name, command });

  await start('containerd', ['/usr/bin/containerd', `--config=${join(files, 'containerd.toml')}`]);
  await waitFor(`the start of containerd on ${machine.name}`, 60_000, async () => {
    await run(machine, ['ctr', 'version']);
    return true;
  });
  const user = { commonName: `system:node:${machine.name}`, organization: 'system:nodes' };
  const kubeconfig = await authority.writeKubeconfig({ name: machine.name, ...user });
  await writeFile(
    join(files, 'kubelet.json'),
    kubeletConfig({ cgroup, ca: authority.path('ca.crt'), dns: DNS_ADDRESS }),
  );
  const kubelet = [join(record.programs, 'kubelet'), `--config=${join(files, 'kubelet.json')}`];
  const identity = [`--hostname-override=${machine.name}`, `--node-ip=${parts.network.address}`];
  await start('kubelet', [...kubelet, `--kubeconfig=${kubeconfig}`, ...identity]);
  const proxy = [join(record.programs, 'kube-proxy'), `--config=${join(files, 'proxy.json')}`];
  await start('kube-proxy', [...proxy, `--hostname-override=${machine.name}`]);
}

/** Imports archives into the node's containerd, one after the other. */
export async function importImages(machine: MachineRecord, archives: string[]): Promise<void> {
  for (const archive of archives) await run(machine, ['ctr', '--namespace', 'k8s.io', 'images', 'import', archive]);
}

/** Resolves when the kubelet has said so. */
export async function nodeIsReady(record: ClusterRecord, { name }: MachineRecord): Promise<void> {
  await waitFor(`${name} to be Ready`, 120_000, async () => {
    const output = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return (await kubectl(record, ['get', 'node', name, '--output', output])) === 'True';
  });
}

async function writeNodeFiles({ record, machine, network, authority }: NodeParts): Promise<string> {
  const files = join(record.directory, machine.name);
  for (const state of ['cni', 'containerd', 'kubelet', 'log', 'lib', 'lib-work']) {
    await mkdir(join(files, state), { recursive: true });
  }
  await writeFile(join(files, 'containerd.toml'), containerdConfig(join(files, 'cni')));
  await writeFile(join(files, 'cni', '10-pgscope.conflist'), podNetworkConfig(network.podRange));
  await writeFile(join(files, 'resolv.conf'), '');
  await writeFile(join(files, 'proxy.json'), proxyConfig(authority.path('proxy.kubeconfig')));
  return files;
}

/** What the host has in /var/lib stays visible, such as a checkout; what is written there goes to the node's own files. */
async function mountState(machine: MachineRecord, files: string): Promise<void> {
  const layers = `lowerdir=/var/lib,upperdir=${join(files, 'lib')},workdir=${join(files, 'lib-work')}`;
  await run(machine, ['mount', '-t', 'overlay', '-o', layers, 'overlay', '/var/lib']);
  await run(machine, ['mount', '--bind', join(files, 'log'), '/var/log']);
  for (const state of ['containerd', 'kubelet']) {
    await run(machine, ['mkdir', '-p', `/var/lib/${state}`]);
    await run(machine, ['mount', '--bind', join(files, state), `/var/lib/${state}`]);
  }
  await run(machine, ['mount', '--bind', join(files, 'resolv.conf'), '/etc/resolv.conf']);
  // As systemd mounts it on a node. The host may have it, or not.
  await run(machine, ['mount', '-t', 'tracefs', 'tracefs', '/sys/kernel/tracing']);
}
