/** Where the API server is and who asks: from the pod's service account, or from a kubeconfig file. */
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { inClusterConnection, type KubeConnection } from '../kube/client.js';

/** What is there to connect with cannot be used; the message says why and what to do. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/**
 * The connection of a pod, or that of the file's current context. Only the latter loads the Kubernetes client library, which knows every
 * kind of kubeconfig (certificates, tokens, exec plugins, OIDC) but takes 80 MB. `serviceAccount`: the folder that it is mounted at.
 */
export async function kubeConnection(
  kubeconfig: string | undefined,
  env: NodeJS.ProcessEnv,
  serviceAccount?: string,
): Promise<KubeConnection> {
  if (kubeconfig === undefined) return ofServiceAccount(env, serviceAccount);
  const config = await load(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw refusal(kubeconfig, 'has no cluster in its current context', 'choose one with kubectl config use-context');
  refuseWhatIsNotSupported(kubeconfig, config);
  const { ca, cert, key } = await credentials(kubeconfig, config);
  return {
    server: serverUrl(kubeconfig, cluster.server),
    ...(ca !== undefined && { ca: String(ca) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(cluster.skipTLSVerify && { skipTlsVerify: true }),
    token: tokenOf(kubeconfig, config),
  };
}

function ofServiceAccount(env: NodeJS.ProcessEnv, folder: string | undefined): KubeConnection {
  try {
    return inClusterConnection(env, folder);
  } catch (error) {
    throw new KubeConfigError(`${(error as Error).message}; outside of a cluster give --kubeconfig FILE`);
  }
}

/** Plugins keep a token until it expires; only a newly read file asks them again. */
function tokenOf(file: string, first: KubeConfig): NonNullable<KubeConnection['token']> {
  let config = first;
  return async (afresh = false) => {
    if (afresh) config = await load(file);
    const { headers } = await credentials(file, config);
    const authorization = (headers as Record<string, string> | undefined)?.Authorization;
    return authorization?.replace(/^Bearer /, '').trim();
  };
}

async function load(file: string): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js');
  const config = new Config();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw refusal(file, `cannot be read: ${(error as Error).message}`, 'give a kubeconfig file');
  }
  return config;
}

async function credentials(file: string, config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw refusal(file, `its user cannot log in: ${(error as Error).message}`, 'try kubectl with the same file');
  }
  return options;
}

function refuseWhatIsNotSupported(file: string, config: KubeConfig): void {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster?.proxyUrl) throw refusal(file, 'has proxy-url, which is not supported', 'connect directly');
  if (cluster?.tlsServerName)
    throw refusal(file, 'has tls-server-name, which is not supported', "use a name of the server's certificate");
  if (user?.username)
    throw refusal(file, 'has a user with a password, which is not supported', 'use a certificate or a token');
  if (user?.impersonateUser) throw refusal(file, 'impersonates a user, which is not supported', 'log in as that user');
}

function serverUrl(file: string, text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw refusal(file, `names the server ${JSON.stringify(text)}`, 'write a URL such as https://10.0.0.1:6443');
}

function refusal(file: string, what: string, remedy: string): KubeConfigError {
  return new KubeConfigError(`--kubeconfig ${file}: ${what}; ${remedy}`);
}
