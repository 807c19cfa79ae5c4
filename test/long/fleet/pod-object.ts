/** Pods as controllers make them and as a kubelet reports them: some 5 KB each, once the API server has noted who manages which field. */
import { digest } from './node-object.js';

export interface FleetPod {
  namespace: string;
  name: string;
  nodeName: string;
  kind: 'database' | 'service' | 'agent';
  /** Pods that came and went under this name before. */
  incarnation: number;
  /** As the API server gave it. */
  uid?: string;
}

const CONTAINERS = { database: ['postgres', 'exporter'], service: ['app'], agent: ['agent'] } as const;

export function containersOf({ kind }: FleetPod): readonly string[] {
  return CONTAINERS[kind];
}

export function containerID({ namespace, name, incarnation }: FleetPod, container: string): string {
  return `containerd://${digest(`${namespace}/${name}/${incarnation}/${container}`, 64)}`;
}

export function podObject(pod: FleetPod) {
  const { namespace, name, nodeName, kind } = pod;
  const app = name.replace(/-[^-]+$/, '');
  return {
    metadata: {
      name,
      namespace,
      labels: labelsOf(pod, app),
      annotations: {
        'checksum/config': digest(app, 64),
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '9187',
        ...(kind === 'database' && { 'resource.opentelemetry.io/deployment.environment.name': 'production' }),
      },
      ownerReferences: [
        {
          ...{ apiVersion: 'apps/v1', kind: kind === 'database' ? 'StatefulSet' : 'ReplicaSet', name: app },
          ...{ uid: digest(`${namespace}/${app}`, 36), controller: true, blockOwnerDeletion: true },
        },
      ],
    },
    spec: {
      nodeName,
      containers: containersOf(pod).map((container) => containerSpec(container, app)),
      initContainers: [{ name: 'permissions', image: image('busybox'), command: ['sh', '-c', 'chown -R 999 /data'] }],
      securityContext: { runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 60,
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'databases', effect: 'NoSchedule' }],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: `data-${name}` } },
        { name: 'config', configMap: { name: `${app}-config` } },
        { name: 'tls', secret: { secretName: `${app}-tls` } },
      ],
    },
  };
}

function labelsOf({ kind, name }: FleetPod, app: string): Record<string, string> {
  if (kind === 'agent') {
    const is = { 'app.kubernetes.io/instance': 'pgscope', 'app.kubernetes.io/component': 'agent' };
    return { 'app.kubernetes.io/name': 'pgscope', ...is, 'controller-revision-hash': digest('agent', 10) };
  }
  return {
    'app.kubernetes.io/name': kind === 'database' ? 'postgresql' : app,
    'app.kubernetes.io/instance': app,
    'app.kubernetes.io/component': kind,
    'app.kubernetes.io/managed-by': 'Helm',
    'helm.sh/chart': 'platform-2.7.1',
    ...(kind === 'database'
      ? { 'statefulset.kubernetes.io/pod-name': name }
      : { 'pod-template-hash': digest(app, 10) }),
  };
}

function containerSpec(name: string, app: string) {
  const probe = { exec: { command: ['sh', '-c', 'exec pg_isready -U postgres'] }, periodSeconds: 10 };
  const secret = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: `${app}-secrets`, key } } });
  return {
    name,
    image: image(name),
    env: [
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ...['PGPASSWORD'].map(secret),
      ...['PGDATA', 'LOG_LEVEL'].map((key) => ({ name: key, value: `value of ${key}` })),
    ],
    ports: [{ name: 'main', containerPort: 5432 }],
    readinessProbe: probe,
    livenessProbe: probe,
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'config', mountPath: '/etc/platform', readOnly: true },
      { name: 'tls', mountPath: '/tls', readOnly: true },
    ],
  };
}

export function podStatus(pod: FleetPod) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const reached = (type: string) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: now });
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  const ended = { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now };
  return {
    phase: 'Running',
    conditions: types.map(reached),
    hostIP: '10.0.7.7',
    hostIPs: [{ ip: '10.0.7.7' }],
    podIP: '10.244.7.7',
    podIPs: [{ ip: '10.244.7.7' }],
    startTime: now,
    qosClass: 'Burstable',
    initContainerStatuses: [containerStatus(pod, 'permissions', { terminated: ended })],
    containerStatuses: containersOf(pod).map((name) => containerStatus(pod, name, { running: { startedAt: now } })),
  };
}

function containerStatus(pod: FleetPod, name: string, state: object) {
  const running = 'running' in state;
  return {
    ...{ name, image: image(name), imageID: `${image(name).replace(/:[^:]+$/, '')}@sha256:${digest(name, 64)}` },
    ...{ containerID: containerID(pod, name), ready: true, started: running, restartCount: 0, state, lastState: {} },
  };
}

function image(name: string): string {
  return `registry.example.com/platform/${name}:18.1`;
}
