/**
 * The cluster's network, apart from the host's: a bridge on the control plane's machine, a node's eth0 on each node, and routes
 * to the pods' subnets. Every cluster can have the same addresses, since none can see another.
 */
import { execa } from 'execa';
import { run } from './machine.js';
import type { MachineRecord } from './record.js';

export const CONTROL_PLANE_ADDRESS = '10.90.0.1';
/** The address of the Service "kubernetes": the first one of the range. */
export const KUBERNETES_SERVICE = '10.96.0.1';
export const SERVICE_RANGE = '10.96.0.0/16';
/** Where the cluster's DNS server listens: on the control plane's machine. */
export const DNS_ADDRESS = CONTROL_PLANE_ADDRESS;
export const POD_RANGE = '10.244.0.0/16';
const BRIDGE = 'cluster0';

export interface NodeNetwork {
  /** From 1 on. */
  index: number;
  address: string;
  podRange: string;
}

export function nodeNetwork(index: number): NodeNetwork {
  return { index, address: `10.90.0.${10 + index}`, podRange: `10.244.${index}.0/24` };
}

export async function createBridge(controlPlane: MachineRecord): Promise<void> {
  await ip(controlPlane, `link add ${BRIDGE} type bridge`);
  await ip(controlPlane, `address add ${CONTROL_PLANE_ADDRESS}/24 dev ${BRIDGE}`);
  await ip(controlPlane, `link set ${BRIDGE} up`);
  // Nothing is there; but some programs take an interface with a default route for the machine's own.
  await ip(controlPlane, `route add default dev ${BRIDGE}`);
}

/** Gives a node its interface and address, and tells the others the way to its pods. */
export async function connectNode(
  controlPlane: MachineRecord,
  node: MachineRecord,
  network: NodeNetwork,
): Promise<void> {
  const port = `node${network.index}`;
  // The name of the other machine's namespace is a PID here, so this runs in the host's PID namespace.
  await execa('nsenter', [
    ...['--target', String(controlPlane.init.pid), '--net', '--', 'ip', 'link', 'add', port, 'type', 'veth'],
    ...['peer', 'name', 'eth0', 'netns', String(node.init.pid)],
  ]);
  await ip(controlPlane, `link set ${port} master ${BRIDGE} up`);
  await ip(node, `address add ${network.address}/24 dev eth0`);
  await ip(node, 'link set eth0 up');
  await ip(node, `route add default via ${CONTROL_PLANE_ADDRESS}`);
  await ip(controlPlane, `route add ${network.podRange} via ${network.address}`);
  // Services are reached through the first node, whose kube-proxy hides the sender, so that answers come back through it.
  if (network.index === 1) await ip(controlPlane, `route add ${SERVICE_RANGE} via ${network.address}`);
}

async function ip(machine: MachineRecord, args: string): Promise<void> {
  await run(machine, ['ip', ...args.split(' ')]);
}
