import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import { KubeConfigError, kubeConnection } from '../../operator/kube-config.js';

// The Kubernetes client library is large.
jest.setTimeout(60_000);

const SERVER = 'https://10.0.0.1:6443';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-kube-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Change {
  cluster?: object;
  user?: object;
  context?: string;
}

function kubeconfig({ cluster = {}, user = { token: 'secret' }, context = 'here' }: Change = {}): string {
  const file = path('config');
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': context },
    clusters: [
      { name: 'other', cluster: { server: 'https://other' } },
      { name: 'one', cluster: { server: SERVER, ...cluster } },
    ],
    users: [{ name: 'admin', user }],
    contexts: [
      { name: 'there', context: { cluster: 'other', user: 'admin' } },
      { name: 'here', context: { cluster: 'one', user: 'admin' } },
    ],
  };
  writeFileSync(file, stringify(config));
  return file;
}

describe('in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };

  test('the service account says who asks, and whom to trust; its token is read again when it is refused', async () => {
    writeFileSync(path('ca.crt'), 'the authority');
    writeFileSync(path('token'), 'first\n');
    const { server, ca, token, ...rest } = await kubeConnection(undefined, env, folder);
    expect([server.href, ca, rest]).toEqual(['https://10.96.0.1:6443/', 'the authority', {}]);
    expect(await token?.()).toBe('first');
    writeFileSync(path('token'), 'second\n');
    expect(await token?.(true)).toBe('second');
  });

  test('without a service account it says what to set', async () => {
    const connection = kubeConnection(undefined, env, folder);
    await expect(connection).rejects.toThrow(KubeConfigError);
    await expect(connection).rejects.toThrow(
      /^the service account is not mounted \(ENOENT.*\); set automountServiceAccountToken: true; .*--kubeconfig FILE$/,
    );
  });

  test('outside of one it names the option', async () => {
    await expect(kubeConnection(undefined, {}, folder)).rejects.toThrow(
      /^KUBERNETES_SERVICE_HOST is not set: .*; outside of a cluster give --kubeconfig FILE$/,
    );
  });
});

describe('by a kubeconfig', () => {
  test('the current context counts, whatever the pod says', async () => {
    const cluster = { 'certificate-authority-data': base64('the authority') };
    const { token, ...rest } = await kubeConnection(kubeconfig({ cluster }), { KUBERNETES_SERVICE_HOST: '10.96.0.1' });
    expect(rest).toEqual({ server: new URL(SERVER), ca: 'the authority' });
    expect(await token?.()).toBe('secret');
  });

  test('a client certificate, and a server that is taken as it is', async () => {
    const user = { 'client-certificate-data': base64('the certificate'), 'client-key-data': base64('the key') };
    const file = kubeconfig({ user, cluster: { 'insecure-skip-tls-verify': true } });
    const { token, ...rest } = await kubeConnection(file, {});
    expect(rest).toEqual({
      server: new URL(SERVER),
      cert: 'the certificate',
      key: 'the key',
      skipTlsVerify: true,
    });
    expect(await token?.()).toBeUndefined();
  });

  test('a token that was refused is looked for in the file as it is now', async () => {
    const { token } = await kubeConnection(kubeconfig(), {});
    kubeconfig({ user: { token: 'next' } });
    expect(await token?.()).toBe('secret');
    expect(await token?.(true)).toBe('next');
    expect(await token?.()).toBe('next');
  });

  test('a plugin that makes tokens is run', async () => {
    const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'made' } };
    const exec = {
      ...{ apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' },
      ...{ command: 'echo', args: [JSON.stringify(answer)] },
    };
    const { token } = await kubeConnection(kubeconfig({ user: { exec } }), {});
    expect(await token?.()).toBe('made');
  });

  test.each<[string, Change, string]>([
    [
      'no such context',
      { context: 'x' },
      'has no cluster in its current context; choose one with kubectl config use-context',
    ],
    [
      'proxy-url',
      { cluster: { 'proxy-url': 'http://proxy' } },
      'has proxy-url, which is not supported; connect directly',
    ],
    [
      'tls-server-name',
      { cluster: { 'tls-server-name': 'x' } },
      "has tls-server-name, which is not supported; use a name of the server's certificate",
    ],
    [
      'a password',
      { user: { username: 'admin', password: 'x' } },
      'has a user with a password, which is not supported; use a certificate or a token',
    ],
    [
      'impersonation',
      { user: { token: 'x', as: 'other' } },
      'impersonates a user, which is not supported; log in as that user',
    ],
    [
      'no URL',
      { cluster: { server: '10.0.0.1' } },
      'names the server "10.0.0.1"; write a URL such as https://10.0.0.1:6443',
    ],
  ])('is refused for %s, with file and remedy', async (_, change, message) => {
    const file = kubeconfig(change);
    await expect(kubeConnection(file, {})).rejects.toThrow(new KubeConfigError(`--kubeconfig ${file}: ${message}`));
  });

  test.each<[string, () => string, RegExp]>([
    ['is not there', () => path('none'), /: cannot be read: ENOENT.*; give a kubeconfig file$/],
    [
      'is no YAML',
      () => {
        writeFileSync(path('bad'), 'a: [');
        return path('bad');
      },
      /: cannot be read: .*; give a kubeconfig file$/s,
    ],
    [
      'names a plugin that there is none of',
      () => kubeconfig({ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nonexistent' } } }),
      /: its user cannot log in: .*; try kubectl with the same file$/s,
    ],
  ])('that %s is refused', async (_, make, message) => {
    const file = make();
    const connection = kubeConnection(file, {});
    await expect(connection).rejects.toThrow(KubeConfigError);
    await expect(connection).rejects.toThrow(message);
    await expect(connection).rejects.toThrow(`--kubeconfig ${file}: `);
  });
});
