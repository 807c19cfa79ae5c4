/** A node as a kubelet registers it: some 9 KB, most of them the images that it has pulled. */
import { createHash } from 'node:crypto';

const IMAGES = 30;

export function nodeObject(name: string) {
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'm6i.4xlarge',
        'topology.kubernetes.io/region': 'eu-central-1',
        'topology.kubernetes.io/zone': 'eu-central-1a',
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      podCIDR: '10.244.7.0/24',
      podCIDRs: ['10.244.7.0/24'],
      providerID: `aws:///eu-central-1a/i-${digest(name, 17)}`,
    },
  };
}

export function nodeStatus(name: string) {
  const size = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    capacity: size,
    allocatable: size,
    addresses: [
      { type: 'InternalIP', address: '10.0.7.7' },
      { type: 'Hostname', address: name },
    ],
    conditions: heartbeat(),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: digest(`${name} boot`, 36),
      containerRuntimeVersion: 'containerd://2.1.4',
      kernelVersion: '6.12.48+deb13-amd64',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.34.2',
      machineID: digest(`${name} machine`, 32),
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      systemUUID: digest(`${name} system`, 36),
    },
    images: Array.from({ length: IMAGES }, (_, number) => image(number)),
  };
}

/** What a kubelet writes every five minutes although nothing has changed. */
export function heartbeat() {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const fine = (type: string, status: string, reason: string) => {
    return { type, status, reason, message: `kubelet: ${reason}`, lastHeartbeatTime: now, lastTransitionTime: now };
  };
  return [
    fine('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
    fine('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
    fine('PIDPressure', 'False', 'KubeletHasSufficientPID'),
    fine('Ready', 'True', 'KubeletReady'),
  ];
}

function image(number: number) {
  const name = `registry.example.com/platform/service-${number}`;
  return { names: [`${name}@sha256:${digest(name, 64)}`, `${name}:2.${number}.0`], sizeBytes: 100_000_000 + number };
}

export function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
