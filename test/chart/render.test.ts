/** What the chart renders to, and what it refuses to render. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { helm, render, renderExamples } from '../../scripts/chart/helm.js';

const CHART = 'charts/pgscope';
const ENDPOINT = 'destinations.default.endpoint';

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
type KubeObject = any;

async function objects(...settings: string[]): Promise<KubeObject[]> {
  const all = [`${ENDPOINT}=http://otel:4318`, ...settings].flatMap((setting) => ['--set', setting]);
  return parseAllDocuments(await render(CHART, ...all)).map((document) => document.toJS());
}

function only(all: KubeObject[], kind: string, name?: string): KubeObject {
  const found = all.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  expect([kind, name, found.length]).toEqual([kind, name, 1]);
  return found[0];
}

test('examples are up to date (run make chart-examples after a change, and look at the difference)', async () => {
  for (const [path, text] of await renderExamples(CHART)) {
    expect([path, await readFile(join(CHART, path), 'utf8')]).toEqual([path, text]);
  }
});

test('helm finds nothing to complain about', async () => {
  const values = join(CHART, 'examples/minimal/values.yaml');
  const { stdout } = await execa(helm(), ['lint', '--strict', '--kube-version', '1.34.0', '--values', values, CHART]);
  expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
});

describe('it refuses', () => {
  const refusal = (...settings: string[]) =>
    render(CHART, ...settings.flatMap((setting) => ['--set', setting])).then(
      () => 'nothing',
      (error: Error) => error.message,
    );

  test.each([
    ['no destination', [], 'destinations: name at least one receiver'],
    [
      "gRPC's port",
      [`${ENDPOINT}=http://otel.example:4317`],
      'destinations.default.endpoint: port 4317 is where receivers listen for gRPC, and pgscope sends OTLP over HTTP; ' +
        'the port for that is 4318: http://otel.example:4318',
    ],
    ["gRPC's port with a path", [`${ENDPOINT}=https://otel.example:4317/otlp`], 'port 4317'],
    [
      "gRPC's port for its own traces",
      [`${ENDPOINT}=http://otel:4318`, 'operator.tracesEndpoint=http://otel:4317'],
      'operator.tracesEndpoint: port 4317',
    ],
    [
      "gRPC's port for one signal",
      ['destinations.a.tracesEndpoint=http://otel:4317/v1/traces'],
      'destinations.a.tracesEndpoint: port 4317',
    ],
    ['a destination without a URL', ['destinations.a.protocol=http/json'], 'destinations.a: give endpoint, or'],
    ['a URL without a scheme', [`${ENDPOINT}=otel:4318`], '/destinations/default/endpoint'],
    ['a password in a URL', [`${ENDPOINT}=http://me:secret@otel:4318`], 'put the header into a Secret'],
    ['an unknown protocol', [`${ENDPOINT}=http://otel:4318`, 'destinations.default.protocol=grpc'], "'http/protobuf'"],
    [
      'certificates without TLS',
      [`${ENDPOINT}=http://otel:4318`, 'destinations.default.clientCertificate.secret=a'],
      'destinations.default: ca and clientCertificate mean nothing',
    ],
    ['a misspelt value', [`${ENDPOINT}=http://otel:4318`, 'agent.tolerations2=a'], 'tolerations2'],
    ['a misspelt group', [`${ENDPOINT}=http://otel:4318`, 'agents.privileged=true'], 'agents'],
    ['a wrong digest', [`${ENDPOINT}=http://otel:4318`, 'agent.image.digest=latest'], '/agent/image/digest'],
  ])('%s', async (_, settings, message) => {
    expect(await refusal(...settings)).toContain(message);
  });

  test('a Kubernetes that is too old', async () => {
    const options = ['--set', `${ENDPOINT}=http://otel:4318`, '--kube-version', '1.31.9'];
    await expect(render(CHART, ...options)).rejects.toThrow('requires kubeVersion: >=1.32.0-0');
  });
});

describe('the agent', () => {
  test('has few rights, no mount of the host, and a token that expires', async () => {
    const { spec } = only(await objects(), 'DaemonSet').spec.template;
    expect(spec).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect([spec.hostNetwork, spec.hostIPC]).toEqual([undefined, undefined]);
    expect(spec.volumes.filter((volume: KubeObject) => volume.hostPath)).toEqual([]);
    expect(spec.volumes[0].projected.sources[0].serviceAccountToken).toMatchObject({ expirationSeconds: 3600 });
    expect(spec.nodeSelector).toMatchObject({ 'pgscope.dev/agent': 'true' });
    expect(spec.containers[0].securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON', 'SYS_PTRACE', 'DAC_READ_SEARCH'] },
      seccompProfile: { type: 'RuntimeDefault' },
      appArmorProfile: { type: 'Unconfined' },
    });
  });

  test('is privileged if it has to be', async () => {
    const { spec } = only(await objects('agent.privileged=true'), 'DaemonSet').spec.template;
    expect(spec.containers[0].securityContext).toEqual({
      ...{ runAsUser: 0, runAsGroup: 0, readOnlyRootFilesystem: true, privileged: true },
    });
  });

  test("keeps the operator's node selector, whatever the user adds", async () => {
    const all = await objects('agent.nodeSelector.pgscope\\.dev/agent=no', 'agent.nodeSelector.pool=db');
    expect(only(all, 'DaemonSet').spec.template.spec.nodeSelector).toEqual({
      ...{ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'pgscope.dev/agent': 'true', pool: 'db' },
    });
  });

  test('runs on the architecture that is tested, unless the user takes that back', async () => {
    const selector = async (...values: string[]) =>
      only(await objects(...values), 'DaemonSet').spec.template.spec.nodeSelector['kubernetes.io/arch'];
    expect(await selector()).toBe('amd64');
    expect(await selector('agent.nodeSelector.kubernetes\\.io/arch=null')).toBeUndefined();
    expect(await selector('agent.nodeSelector.kubernetes\\.io/arch=arm64')).toBe('arm64');
  });

  test('is replaced when destinations change', async () => {
    const checksums = [await objects(), await objects('destinations.other.endpoint=https://other')].map(
      (all) => only(all, 'DaemonSet').spec.template.metadata.annotations['checksum/destinations'],
    );
    expect(checksums[0]).not.toBe(checksums[1]);
  });

  test('finds every file that destinations.json names', async () => {
    const all = await objects(
      ...['destinations.a.endpoint=https://a', 'destinations.a.ca.secret=ca', 'destinations.a.ca.key=ca.pem'],
      ...['destinations.a.clientCertificate.secret=client', 'destinations.a.headers.secret=token'],
      'destinations.a.headers.key=headers.txt',
      ...['destinations.b.tracesEndpoint=http://jaeger:4318/v1/traces', 'destinations.b.protocol=http/json'],
      ...['destinations.b.metricsEndpoint=http://prometheus:9090/otlp', 'destinations.b.compression=none'],
    );
    const config = JSON.parse(only(all, 'ConfigMap').data['destinations.json']);
    expect(config).toEqual({
      a: {
        endpoint: 'https://a',
        protocol: 'http/protobuf',
        compression: 'gzip',
        caFile: '/etc/pgscope/destinations/a/ca.crt',
        certFile: '/etc/pgscope/destinations/a/tls.crt',
        keyFile: '/etc/pgscope/destinations/a/tls.key',
        headersFile: '/etc/pgscope/destinations/a/headers',
      },
      b: {
        tracesEndpoint: 'http://jaeger:4318/v1/traces',
        metricsEndpoint: 'http://prometheus:9090/otlp',
        protocol: 'http/json',
        compression: 'none',
      },
      default: { endpoint: 'http://otel:4318', protocol: 'http/protobuf', compression: 'gzip' },
    });
    const { containers, volumes } = only(all, 'DaemonSet').spec.template.spec;
    const mounted = volumes
      .find(({ name }: KubeObject) => name === 'destinations')
      .projected.sources.flatMap(({ secret, configMap }: KubeObject) => (secret ?? configMap).items ?? [])
      .map(({ path }: KubeObject) => `/etc/pgscope/${path}`);
    expect(mounted.sort()).toEqual(
      Object.values(config.a)
        .filter((value) => String(value).startsWith('/'))
        .sort(),
    );
    expect(containers[0].volumeMounts).toContainEqual({
      ...{ name: 'destinations', mountPath: '/etc/pgscope', readOnly: true },
    });
  });
});

describe('the operator', () => {
  test('is held to the restricted Pod Security level, and so is the clean-up', async () => {
    const all = await objects();
    for (const { spec } of [only(all, 'Deployment').spec.template, only(all, 'Job').spec.template]) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.containers[0].securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
      expect([spec.hostPID, spec.hostNetwork, spec.volumes]).toEqual([undefined, undefined, undefined]);
    }
  });

  test('gets what the values say as flags', async () => {
    const all = await objects(
      ...['destinations.b.endpoint=https://b', 'allowRawText=true', 'clusterName=production', 'labelGrace=30s'],
      'watchNamespaces={shop,billing}',
    );
    const { args } = only(all, 'Deployment').spec.template.spec.containers[0];
    expect(args).toEqual([
      ...['run', '--lease-name', 'pgscope-operator', '--agent-selector'],
      'app.kubernetes.io/name=pgscope,app.kubernetes.io/instance=pgscope,app.kubernetes.io/component=agent',
      ...['--watch-namespaces', 'shop,billing', '--destinations', 'b,default', '--label-grace', '30s'],
      ...['--allow-raw-text', '--cluster-name', 'production', '--port', '8080'],
    ]);
    expect(only(all, 'DaemonSet').spec.template.spec.containers[0].args).toEqual([
      ...['agent', '--destinations', '/etc/pgscope/destinations.json', '--port', '9464'],
      ...['--watch-namespaces', 'shop,billing', '--allow-raw-text'],
    ]);
    expect(only(all, 'Job').spec.template.spec.containers[0].args).not.toContain('--watch-namespaces');
  });
});

describe('rights', () => {
  const rulesOf = (all: KubeObject[]) =>
    all.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole').flatMap(({ rules }) => rules);

  test('name what they are for: no wildcards, no secrets, no config maps', async () => {
    for (const { apiGroups, resources, verbs } of rulesOf(await objects())) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
      expect(resources).not.toContain('secrets');
      expect(resources).not.toContain('configmaps');
    }
  });

  test('end at the namespaces that are watched', async () => {
    const all = await objects('watchNamespaces={shop,billing}');
    expect(only(all, 'ClusterRole', 'pgscope-operator').rules).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch'] },
    ]);
    const roles = all.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'pgscope-operator-profiles');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'billing']);
  });

  test('every policy has a binding that denies', async () => {
    const all = await objects();
    const policies = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual([
      ...['nodeprofiles-status.pgscope.dev', 'nodeprofiles.pgscope.dev', 'nodes.pgscope.dev'],
    ]);
    for (const { metadata, spec } of policies) {
      expect(spec.failurePolicy).toBe('Fail');
      const binding = only(all, 'ValidatingAdmissionPolicyBinding', metadata.name);
      expect(binding.spec).toEqual({ policyName: metadata.name, validationActions: ['Deny'] });
    }
  });

  test("become part of Kubernetes' own roles", async () => {
    const all = await objects();
    const { metadata, rules } = only(all, 'ClusterRole', 'pgscope-edit');
    expect(metadata.labels).toMatchObject({ 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' });
    expect(rules).toEqual([expect.objectContaining({ resources: ['postgresprofiles'] })]);
    expect(only(all, 'ClusterRole', 'pgscope-view').metadata.labels).toMatchObject({
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    });
  });

  test('of the clean-up exist only while it runs', async () => {
    const own = (await objects()).filter(({ metadata }) => metadata.name === 'pgscope-cleanup');
    expect(own.map(({ kind }) => kind).sort()).toEqual([
      ...['ClusterRole', 'ClusterRoleBinding', 'Job', 'Role', 'RoleBinding', 'ServiceAccount'],
    ]);
    for (const { metadata } of own) expect(metadata.annotations['helm.sh/hook']).toBe('pre-delete');
  });
});

describe('what is optional', () => {
  const kindsOf = (all: KubeObject[]) => new Set(all.map(({ kind }) => kind));

  test('is absent', async () => {
    const kinds = kindsOf(await objects());
    for (const kind of ['ServiceMonitor', 'NetworkPolicy', 'PodDisruptionBudget']) expect(kinds).not.toContain(kind);
  });

  test('or there', async () => {
    const kinds = kindsOf(
      await objects(
        ...['metrics.serviceMonitor.enabled=true', 'networkPolicy.enabled=true'],
        'operator.podDisruptionBudget.enabled=true',
      ),
    );
    for (const kind of ['ServiceMonitor', 'NetworkPolicy', 'PodDisruptionBudget']) expect(kinds).toContain(kind);
  });

  test("agents reach their destinations' ports", async () => {
    const all = await objects('networkPolicy.enabled=true', 'destinations.b.endpoint=https://b/otlp');
    const { egress } = only(all, 'NetworkPolicy', 'pgscope-agent').spec;
    expect(egress.at(-1).ports).toEqual([
      { protocol: 'TCP', port: 443 },
      { protocol: 'TCP', port: 4318 },
    ]);
  });

  test('definitions are kept, or left to somebody else', async () => {
    const definitions = (all: KubeObject[]) => all.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const installed = definitions(await objects());
    expect(installed.length).toBeGreaterThan(1);
    for (const { metadata } of installed) expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(definitions(await objects('crds.install=false'))).toEqual([]);
  });
});
