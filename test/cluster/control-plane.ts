/** The control plane: etcd, API server, controller manager and scheduler on a machine of their own. */
import { join } from 'node:path';
import { execa } from 'execa';
import { API_SERVER, type CertificateAuthority } from './certificates.js';
import { CONTROL_PLANE, machineOf } from './commands.js';
import { startDaemon } from './daemon.js';
import { enter } from './machine.js';
import { CONTROL_PLANE_ADDRESS, POD_RANGE, SERVICE_RANGE } from './network.js';
import type { ClusterRecord, MachineRecord } from './record.js';
import { waitFor } from './wait.js';

const START_TIMEOUT_MS = 120_000;

export async function startControlPlane(
  record: ClusterRecord,
  machine: MachineRecord,
  authority: CertificateAuthority,
): Promise<void> {
  await authority.issueServer('apiserver');
  await authority.issueClient({ name: 'kubelet-client', commonName: 'kube-apiserver', organization: 'system:masters' });
  const [controllers, scheduler] = await Promise.all(
    ['controller-manager', 'scheduler'].map((name) =>
      authority.writeKubeconfig({ name, commonName: `system:kube-${name}` }),
    ),
  );
  const start = async (name: string, flags: Record<string, string>): Promise<void> => {
    const command = [
      join(record.programs, name),
      ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    ];
    await startDaemon(record, { name, machine: machine.name, command });
  };
  await start('etcd', etcdFlags(record));
  await start('kube-apiserver', apiServerFlags(authority));
  await apiServerIsReady(machine, authority);
  await start('kube-controller-manager', controllerManagerFlags(authority, controllers ?? ''));
  await start('kube-scheduler', { kubeconfig: scheduler ?? '', 'leader-elect': 'false' });
}

async function apiServerIsReady(machine: MachineRecord, authority: CertificateAuthority): Promise<void> {
  await waitFor('the start of the API server', START_TIMEOUT_MS, async () => {
    return await answers(machine, authority.path('ca.crt'));
  });
}

/** Whether the API server says that it is ready. */
export async function apiServerAnswers(record: ClusterRecord): Promise<boolean> {
  return await answers(machineOf(record, CONTROL_PLANE), join(record.directory, 'certificates', 'ca.crt'));
}

async function answers(machine: MachineRecord, ca: string): Promise<boolean> {
  const request = ['curl', '-sf', '--max-time', '5', '--cacert', ca, `${API_SERVER}/readyz`];
  const { stdout } = await execa('nsenter', [...enter(machine), ...request], { reject: false });
  return stdout === 'ok';
}

function etcdFlags({ directory }: ClusterRecord): Record<string, string> {
  return {
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': 'http://127.0.0.1:2379',
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'listen-peer-urls': 'http://127.0.0.1:2380',
    'log-level': 'warn',
    // It outlives no crash of this machine.
    'unsafe-no-fsync': 'true',
  };
}

function apiServerFlags(authority: CertificateAuthority): Record<string, string> {
  const serviceAccounts = authority.path('service-accounts.key');
  return {
    'etcd-servers': 'http://127.0.0.1:2379',
    'advertise-address': CONTROL_PLANE_ADDRESS,
    'service-cluster-ip-range': SERVICE_RANGE,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'client-ca-file': authority.path('ca.crt'),
    'tls-cert-file': authority.path('apiserver.crt'),
    'tls-private-key-file': authority.path('apiserver.key'),
    'kubelet-client-certificate': authority.path('kubelet-client.crt'),
    'kubelet-client-key': authority.path('kubelet-client.key'),
    'kubelet-preferred-address-types': 'InternalIP',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-signing-key-file': serviceAccounts,
    'service-account-key-file': serviceAccounts,
  };
}

function controllerManagerFlags(authority: CertificateAuthority, kubeconfig: string): Record<string, string> {
  return {
    kubeconfig,
    'leader-elect': 'false',
    'use-service-account-credentials': 'true',
    'service-account-private-key-file': authority.path('service-accounts.key'),
    'root-ca-file': authority.path('ca.crt'),
    'cluster-signing-cert-file': authority.path('ca.crt'),
    'cluster-signing-key-file': authority.path('ca.key'),
    'cluster-cidr': POD_RANGE,
    // A node that has gone is noticed in 16 s instead of 50.
    'node-monitor-period': '2s',
    'node-monitor-grace-period': '16s',
  };
}
