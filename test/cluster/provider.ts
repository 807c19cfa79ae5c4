/** Who makes the test cluster: this machine alone, without Docker, or kind where Docker is. PGSCOPE_CLUSTER_PROVIDER names one. */
import { kind } from './kind.js';
import { local } from './local-provider.js';

export interface ProviderOptions {
  /** Archives of images that every node is to have. */
  images: string[];
  onLog(line: string): void;
}

/** A cluster whose nodes are Ready and have the images. */
export interface ProvidedCluster {
  /** What commands find in their environment: KUBECONFIG, a PATH with kubectl and helm, and what else the provider says of itself. */
  environment: Record<string, string>;
  /** What a command begins with so that it reaches the cluster's network; empty: it does so by itself. */
  enter: string[];
  remove(): Promise<void>;
}

export interface Provider {
  /** Resolves with the cluster; what was started is removed again if something fails. */
  start(options: ProviderOptions): Promise<ProvidedCluster>;
  /** Removes what was left behind by processes that have ended, and gives the names. */
  clean(): Promise<string[]>;
}

const PROVIDERS: Record<string, Provider> = { local, kind };

export function providerOf({ PGSCOPE_CLUSTER_PROVIDER: name = 'local' }: NodeJS.ProcessEnv): Provider {
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider !== undefined) return provider;
  throw new Error(`PGSCOPE_CLUSTER_PROVIDER is ${name}; there are ${Object.keys(PROVIDERS).join(', ')}`);
}
