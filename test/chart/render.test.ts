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
    [
      "gRPC's port for log records",
      ['destinations.a.logsEndpoint=http://otel:4317/v1/logs'],
      'destinations.a.logsEndpoint: port 4317',
    ],
    [
      'a number of programs below none',
      [`${ENDPOINT}=http://otel:4318`, 'programs.maxPerNode=-1'],
      '/programs/maxPerNode',
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
    const { spec } = only(await objects('programs.maxPerNode=0'), 'DaemonSet').spec.template;
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

  test('has what bpftrace needs where it runs programs, and nowhere else', async () => {
    const [{ spec: running }, { spec: idle }] = [await objects(), await objects('programs.maxPerNode=0')].map(
      (all) => only(all, 'DaemonSet').spec.template,
    ) as [KubeObject, KubeObject];
    const mount = { name: 'tracing', mountPath: '/sys/kernel/tracing', readOnly: true };
    const { securityContext, volumeMounts } = running.containers[0];
    expect(volumeMounts).toContainEqual(mount);
    expect(running.volumes).toContainEqual({ name: 'tracing', hostPath: { path: '/sys/kernel/tracing', type: '' } });
    expect(securityContext.capabilities.add).toEqual(['BPF', 'PERFMON', 'SYS_PTRACE', 'DAC_READ_SEARCH', 'SYS_ADMIN']);
    expect(idle.containers[0].volumeMounts).not.toContainEqual(mount);
  });

  test('gets each capability once', async () => {
    const all = await objects('agent.capabilities={BPF,SYS_ADMIN}');
    expect(only(all, 'DaemonSet').spec.template.spec.containers[0].securityContext.capabilities.add).toEqual([
      ...['BPF', 'SYS_ADMIN'],
    ]);
  });

  test('is told how many programs it may run, and whether they may see the whole node', async () => {
    const argsOf = async (...settings: string[]) =>
      only(await objects(...settings), 'DaemonSet').spec.template.spec.containers[0].args.slice(5);
    expect(await argsOf()).toEqual(['--max-programs', '8']);
    expect(await argsOf('programs.maxPerNode=0')).toEqual(['--max-programs', '0']);
    expect(await argsOf('programs.allowNodeScope=true')).toEqual(['--max-programs', '8', '--allow-node-programs']);
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
      'destinations.b.logsEndpoint=http://loki:3100/otlp/v1/logs',
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
        logsEndpoint: 'http://loki:3100/otlp/v1/logs',
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
  test('is held to the restricted Pod Security level, and so are the hooks', async () => {
    const all = await objects();
    for (const { spec } of [
      only(all, 'Deployment').spec.template,
      only(all, 'Job', 'pgscope-cleanup').spec.template,
      only(all, 'Job', 'pgscope-programs').spec.template,
    ]) {
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
      ...['--watch-namespaces', 'shop,billing', '--allow-raw-text', '--max-programs', '8'],
    ]);
    expect(only(all, 'Job', 'pgscope-cleanup').spec.template.spec.containers[0].args).not.toContain(
      '--watch-namespaces',
    );
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

  test('of what installs the programs exist only while it runs', async () => {
    const own = (await objects()).filter(({ metadata }) => /^pgscope-programs(-install)?$/.test(metadata.name));
    expect(own.map(({ kind }) => kind).sort()).toEqual(['ClusterRole', 'ClusterRoleBinding', 'Job', 'ServiceAccount']);
    for (const { metadata } of own) {
      expect(metadata.annotations['helm.sh/hook']).toBe('post-install,post-upgrade,post-rollback');
      expect(metadata.annotations['helm.sh/hook-delete-policy']).toContain('before-hook-creation,hook-succeeded');
    }
    expect(own.find(({ kind }) => kind === 'ClusterRole').rules).toEqual([
      { apiGroups: ['pgscope.dev'], resources: ['traceprograms'], verbs: ['list', 'create', 'patch', 'delete'] },
    ]);
    const without = await objects('programs.install=false');
    expect(without.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook']?.startsWith('post'))).toEqual([]);
  });

  test("over trace programs are part of nobody's: an administrator gives them", async () => {
    const all = await objects();
    for (const name of ['pgscope-programs-view', 'pgscope-programs-edit']) {
      const { metadata } = only(all, 'ClusterRole', name);
      expect(Object.keys(metadata.labels).filter((label) => label.includes('aggregate'))).toEqual([]);
    }
    const writing = all.filter(
      ({ kind, rules }) =>
        kind === 'ClusterRole' &&
        rules.some(
          ({ resources, verbs }: KubeObject) => resources.includes('traceprograms') && verbs.includes('create'),
        ),
    );
    expect(writing.map(({ metadata }) => metadata.name).sort()).toEqual([
      ...['pgscope-programs-edit', 'pgscope-programs-install'],
    ]);
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
    const all = await objects(
      'networkPolicy.enabled=true',
      'destinations.b.endpoint=https://b/otlp',
      'destinations.c.logsEndpoint=http://loki:3100/otlp/v1/logs',
    );
    const { egress } = only(all, 'NetworkPolicy', 'pgscope-agent').spec;
    expect(egress.at(-1).ports).toEqual([
      { protocol: 'TCP', port: 443 },
      { protocol: 'TCP', port: 3100 },
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
