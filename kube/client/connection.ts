/** Where an API server is and how to prove who asks. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.js';

export interface KubeConnection {
  server: URL;
  /** Authorities to trust in place of the system's; PEM. */
  ca?: string;
  /** Client certificate and its key; PEM. */
  cert?: string;
  key?: string;
  /** The bearer token to send. `afresh`: the one given last was refused, so whatever is kept must be read again. */
  token?(afresh?: boolean): Promise<string | undefined>;
  /** Takes any server certificate. */
  skipTlsVerify?: boolean;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews a token at 80 % of its life (10 min at least), and the old one is good until its end. */
const TOKEN_KEPT_MS = 60_000;

/** The connection of a pod, from its service account. `folder`: where that is mounted. */
export function inClusterConnection(env: NodeJS.ProcessEnv, folder = SERVICE_ACCOUNT): KubeConnection {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host)
    throw new Error(
      'KUBERNETES_SERVICE_HOST is not set: this is no pod of a cluster; name the API server by an option',
    );
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    server: new URL(`https://${authority}`),
    ca: readAuthority(join(folder, 'ca.crt')),
    token: tokenFromFile(join(folder, 'token')),
  };
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`the service account is not mounted (${why}); set automountServiceAccountToken: true`);
  }
}

/**
 * Reads a token that is replaced from time to time: at most once a minute, and at once when it was refused. If the file cannot be
 * read for a moment, the token read before is given; rejects if there is none.
 */
export function tokenFromFile(path: string, clock: Clock = systemClock): (afresh?: boolean) => Promise<string> {
  let kept: { token: string; at: number } | undefined;
  return async (afresh = false) => {
    if (kept !== undefined && !afresh && clock.now() - kept.at < TOKEN_KEPT_MS) return kept.token;
    try {
      const token = (await readFile(path, 'utf8')).trim();
      if (token === '') throw new Error(`${path} is empty`);
      kept = { token, at: clock.now() };
    } catch (error) {
      if (kept === undefined)
        throw new Error(`the service account's token cannot be read: ${(error as Error).message}`);
    }
    return kept.token;
  };
}
