import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import { EXIT_FAILURE, EXIT_LOST, EXIT_OK, EXIT_USAGE, run } from '../../operator/run.js';
import { waitUntil } from '../servers/wait.js';
import { type ClusterServer, PROFILES, startClusterServer } from './manager/cluster-server.js';
import { rawProfile } from './profiles/objects.js';

const LIMIT_MS = 30_000;
jest.setTimeout(2 * LIMIT_MS);

let folder: string;
let server: ClusterServer;
let stop: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-run-'));
  server = await startClusterServer();
  stop = new AbortController();
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function kubeconfig(): string {
  const file = join(folder, 'config');
  const config = {
    'current-context': 'one',
    // The library takes HTTP from those alone who say that they trust anybody.
    clusters: [{ name: 'one', cluster: { server: server.api.url.href, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'one', user: { token: 'secret' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  };
  writeFileSync(file, stringify(config));
  return file;
}

/** As in a pod of this name; what it has written to stderr and stdout, and its exit code. */
function start(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const code = run(argv, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    env: { POD_NAMESPACE: 'pgscope', POD_NAME: 'operator-7f9c' },
    signal: stop.signal,
  });
  return { written, code };
}

const logged = (stderr: string) =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);

describe('without doing anything', () => {
  test('--help ends with 0, wherever it stands', async () => {
    const { written, code } = start('run', '--help', '--port', 'x');
    expect([await code, written.stderr]).toEqual([EXIT_OK, '']);
    expect(written.stdout).toMatch(/^Usage: main\.js run\|cleanup\|install-programs \[options\]\n/);
  });

  test('wrong options end with 2: a line for each, and where to read on', async () => {
    const { written, code } = start('run', '--port', 'x', '--destinations', '');
    expect(await code).toBe(EXIT_USAGE);
    expect(written).toEqual({
      stdout: '',
      stderr:
        'pgscope operator: --destinations: "" has an empty name; write names with one comma between them\n' +
        'pgscope operator: --port: "x" is no port; write a number from 1 to 65535, or 0 for any free one\n' +
        'pgscope operator: --help lists the options\n',
    });
  });

  test.each([
    [
      'a kubeconfig that is not there',
      ['--kubeconfig', '/nonexistent'],
      /^--kubeconfig \/nonexistent: cannot be read: /,
    ],
    ['no cluster at all', [], /^KUBERNETES_SERVICE_HOST is not set: .*--kubeconfig FILE$/],
  ])('%s ends with 1, and a sentence in place of a stack', async (_, options, message) => {
    const { written, code } = start('run', ...options);
    expect(await code).toBe(EXIT_FAILURE);
    expect(logged(written.stderr)).toEqual([
      { time: expect.any(String), level: 'error', msg: expect.stringMatching(message) },
    ]);
  });

  test('so does a port that is taken', async () => {
    const other = createServer().listen(0);
    const { port } = other.address() as AddressInfo;
    const { written, code } = start('run', '--kubeconfig', kubeconfig(), '--port', String(port));
    expect(await code).toBe(EXIT_FAILURE);
    const [last] = logged(written.stderr).slice(-1);
    expect(last?.msg).toMatch(new RegExp(`^--port ${port}: .*; choose a free port$`));
    expect(last).not.toHaveProperty('stack');
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('an operator', () => {
  beforeEach(() => server.put(PROFILES, rawProfile({ podName: 'nobody' })));
  const working = () => server.writes.includes('PATCH orders/status');
  const begin = () => start('run', '--kubeconfig', kubeconfig(), '--port', '0');

  test('that is told to stop ends with 0, as a pod that is known by its name and a number of its own', async () => {
    const { written, code } = begin();
    expect(await waitUntil(working, LIMIT_MS)).toBe(true);
    const holder = server.lease?.spec?.holderIdentity;
    expect(holder).toMatch(/^operator-7f9c_[0-9a-f-]{36}$/);
    stop.abort();
    expect(await code).toBe(EXIT_OK);
    expect(server.lease?.spec?.holderIdentity).toBe('');
    expect(logged(written.stderr).map(({ msg }) => msg)).toEqual([
      'has read all objects',
      `leads as ${holder}`,
      'gave the Lease back',
    ]);
    const tokens = new Set(server.api.requests.map(({ headers }) => headers.authorization));
    expect([...tokens]).toEqual(['Bearer secret']);
    expect(await waitUntil(() => server.api.connections === 0, LIMIT_MS)).toBe(true);
  });

  test('that has lost the Lease ends with 3, so that it is started again', async () => {
    const { code } = begin();
    expect(await waitUntil(working, LIMIT_MS)).toBe(true);
    server.takeLease('operator-b');
    expect(await code).toBe(EXIT_LOST);
    expect(server.lease?.spec?.holderIdentity).toBe('operator-b');
  });
});
