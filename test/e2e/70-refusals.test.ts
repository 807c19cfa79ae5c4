/** What cannot be: wrong objects, pods without PostgreSQL, servers that cannot be attached. Each says why and what to do. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { apply, ask, createNamespace, type KubeObject, removeNamespaces } from './kubernetes.js';
import { podReady, serverPod } from './postgres.js';
import { condition, EVERYTHING, profile, profilePath } from './profiles.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(600_000);

/** The same server, but that it does not export a name which the hooks need. */
const SEALED = [
  'sh',
  '-c',
  'LC_ALL=C sed -i "s/EndCommand\\x00/XndCommand\\x00/" "$(readlink -f "$(command -v postgres)")" && exec docker-entrypoint.sh postgres',
];

let namespace: string;
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('refusals');
});
afterAll(async () => {
  await removeNamespaces();
  await recorder.close();
});

async function create(spec: KubeObject): Promise<{ code: number; message: string }> {
  const path = `${profilePath(namespace, '').replace(/\/$/, '')}?fieldValidation=Strict`;
  return await ask('POST', path, { body: profile(namespace, 'wrong', spec) });
}

describe('a wrong object is refused by the API server, with the field and the remedy', () => {
  const podName = 'db';
  test.each([
    [{}, /exactly one of selector and podName/],
    [{ podName, selector: {} }, /exactly one of selector and podName/],
    [{ podName, spans: { minDuration: '100' } }, /spec\.spans\.minDuration/],
    [{ podName, spans: { sampleRatio: 2 } }, /spec\.spans\.sampleRatio/],
    [{ podName, spans: { nestedDepth: 9 } }, /spec\.spans\.nestedDepth/],
    [{ podName, programs: [{ name: 'pg-cpudist', interval: '100ms' }] }, /spec\.programs\[0\]\.interval/],
    [{ podName, level: 'everything' }, /spec\.level.*"waits", "statements", "phases"/],
    [{ podName, export: { destination: 'http://collector:4318' } }, /spec\.export\.destination/],
    [{ podName, metrics: { intervall: '1s' } }, /unknown field "spec\.metrics\.intervall"/],
  ])('%j', async (spec, message) => {
    const answer = await create(spec);
    expect(answer.code).toBeGreaterThanOrEqual(400);
    expect(answer.message).toMatch(message);
  });
});

describe('what the API server cannot know is in the status', () => {
  const refused: [string, KubeObject, string, RegExp][] = [
    ['raw', { podName: 'db', queryText: 'raw' }, 'RawTextForbidden', /use normalized or none/],
    [
      'nowhere',
      { podName: 'db', export: { destination: 'nowhere' } },
      'UnknownDestination',
      /there are default, recorder/,
    ],
  ];
  test.each(refused)('%s is not accepted', async (name, spec, reason, says) => {
    await apply(profile(namespace, name, spec));
    await condition(namespace, name, 'Accepted', { status: 'False', reason, says });
    await condition(namespace, name, 'Ready', { status: 'False', reason, says });
  });

  test('no pod', async () => {
    await apply(
      profile(namespace, 'nothing', { selector: { matchLabels: { app: 'nothing' } } }),
      profile(namespace, 'absent', { podName: 'absent' }),
    );
    await condition(namespace, 'nothing', 'Ready', {
      status: 'False',
      reason: 'NoMatchingPods',
      says: /kubectl get pods -n/,
    });
    await condition(namespace, 'absent', 'Ready', { status: 'False', reason: 'NoMatchingPods', says: /no pod absent/ });
  });

  test('a pod without PostgreSQL', async () => {
    await apply(
      serverPod(namespace, 'sleeper', { command: ['sleep', '1000000'] }),
      profile(namespace, 'sleeper', { podName: 'sleeper', ...EVERYTHING }),
      profile(namespace, 'wrong-container', { podName: 'sleeper', container: 'db' }),
    );
    await condition(namespace, 'sleeper', 'Ready', {
      status: 'False',
      reason: 'NoPostgres',
      says: /pod sleeper, container postgres/,
    });
    await condition(namespace, 'wrong-container', 'Ready', {
      status: 'False',
      reason: 'ContainerNotFound',
      says: /has no container db; it has postgres/,
    });
  });

  test('a PostgreSQL that the agent cannot attach to, beside one that it can', async () => {
    await apply(
      serverPod(namespace, 'sealed', { labels: { app: 'mixed' }, command: SEALED }),
      serverPod(namespace, 'open', { labels: { app: 'mixed' } }),
      profile(namespace, 'mixed', { selector: { matchLabels: { app: 'mixed' } }, ...EVERYTHING }),
    );
    await podReady(namespace, 'open');
    const status = await condition(namespace, 'mixed', 'Ready', {
      status: 'False',
      says: /pod sealed, container postgres: .*does not export EndCommand/,
    });
    expect(status.targets).toEqual({ matched: 2, attached: 1 });
  });
});
