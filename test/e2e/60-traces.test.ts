/** A client with OpenTelemetry's own instrumentation, in another pod: its spans and the server's are one trace in Jaeger. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { JaegerSpan } from '../jaeger/query-api.js';
import { apply, createNamespace, eventually, removeNamespaces } from './kubernetes.js';
import { podReady, serverPod } from './postgres.js';
import { profile, ready } from './profiles.js';
import { jaeger, OTLP } from './receivers.js';

jest.setTimeout(600_000);

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace('traces');
});
afterAll(async () => {
  await removeNamespaces();
});

test("the client's trace goes on in the server", async () => {
  await apply(
    serverPod(namespace, 'ledger-db', { node: 'node-1' }),
    profile(namespace, 'ledger', {
      podName: 'ledger-db',
      // Slow and failed ones alone, besides those that are traced.
      spans: { minDuration: '1h' },
      metrics: { interval: '1s' },
    }),
  );
  const pod = await podReady(namespace, 'ledger-db');
  await ready(namespace, 'ledger');
  await apply(clientPod(pod.status.podIP));

  const traces = async (): Promise<{ client: JaegerSpan; server: JaegerSpan }[]> => {
    const spans = await jaeger.spans('ledger-db');
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    return spans
      .filter(({ service, tags }) => service === 'ledger-db' && tags['span.kind'] === 'server') // and not its waits
      .flatMap((server) => {
        const client = byId.get(server.parentId ?? '');
        return client === undefined ? [] : [{ client, server }];
      });
  };
  await eventually('traces of both', async () => (await traces()).length >= 10);
  for (const { client, server } of await traces()) {
    expect(client.service).toBe('shop-client');
    expect(server.traceId).toBe(client.traceId);
    expect(server.tags['span.kind']).toBe('server');
    expect(server.resource['k8s.pod.name']).toBe('ledger-db');
    expect(server.resource['k8s.namespace.name']).toBe(namespace);
    // The client's clock is one of whole milliseconds.
    expect(server.startUs).toBeGreaterThanOrEqual(client.startUs - 1000);
  }
  expect(await jaeger.dependencies()).toContainEqual(
    expect.objectContaining({ parent: 'shop-client', child: 'ledger-db' }),
  );
});

function clientPod(host: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'client' },
    spec: {
      terminationGracePeriodSeconds: 1,
      nodeSelector: { 'kubernetes.io/hostname': 'node-2' },
      containers: [
        {
          name: 'client',
          image: 'localhost/shop-client:1',
          imagePullPolicy: 'Never',
          env: Object.entries({
            PGHOST: host,
            PGUSER: 'postgres',
            OTEL_SERVICE_NAME: 'shop-client',
            OTEL_EXPORTER_OTLP_ENDPOINT: OTLP,
          }).map(([name, value]) => ({ name, value })),
        },
      ],
    },
  };
}
