/** The command line of `agent`; what is wrong is said in one sentence. */

import { UsageError } from '../command.js';
import { parseOptions } from '../parse-options.js';

export const agentOptions = {
  'node-name': { type: 'string' },
  destinations: { type: 'string' },
  'allow-raw-text': { type: 'boolean' },
  'max-programs': { type: 'string' },
  'allow-node-programs': { type: 'boolean' },
  'watch-namespaces': { type: 'string' },
  port: { type: 'string' },
  server: { type: 'string' },
  'token-file': { type: 'string' },
  'ca-file': { type: 'string' },
} as const;

export interface AgentArguments {
  nodeName: string;
  destinationsFile: string;
  allowRawText: boolean;
  maxPrograms: number;
  allowNodePrograms: boolean;
  /** Undefined: all. */
  watchNamespaces: string[] | undefined;
  port: number;
  /** Undefined: the cluster that this is a pod of. */
  server: URL | undefined;
  tokenFile: string | undefined;
  caFile: string | undefined;
}

const DEFAULT_PORT = '9464';
const DEFAULT_MAX_PROGRAMS = '8';

/** Throws a UsageError. */
export function agentArguments(argv: string[], env: NodeJS.ProcessEnv): AgentArguments {
  const values = parseOptions(argv, agentOptions);
  const nodeName = values['node-name'] ?? env.NODE_NAME;
  if (!nodeName) throw new UsageError("--node-name is missing: give the node's name, or set NODE_NAME");
  const { destinations } = values;
  if (destinations === undefined) throw new UsageError('--destinations is missing: give the file that defines them');
  const server = values.server === undefined ? undefined : serverUrl(values.server);
  for (const option of ['token-file', 'ca-file'] as const)
    if (values[option] !== undefined && server === undefined)
      throw new UsageError(`--${option} needs --server; in a pod all three come from its service account`);
  return {
    nodeName,
    destinationsFile: destinations,
    allowRawText: values['allow-raw-text'] ?? false,
    maxPrograms: programCount(values['max-programs'] ?? DEFAULT_MAX_PROGRAMS),
    allowNodePrograms: values['allow-node-programs'] ?? false,
    watchNamespaces: namespaceNames(values['watch-namespaces']),
    port: portNumber(values.port ?? DEFAULT_PORT),
    server,
    tokenFile: values['token-file'],
    caFile: values['ca-file'],
  };
}

function namespaceNames(text: string | undefined): string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  const wrong = names?.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined)
    throw new UsageError(
      `--watch-namespaces ${text}: "${wrong}" is no namespace; write names with one comma between them`,
    );
  return names;
}

function programCount(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 256) return Number(text);
  throw new UsageError(`--max-programs ${text}: no number of programs; give one from 0 (none is run) to 256`);
}

function serverUrl(text: string): URL {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text);
  throw new UsageError(`--server ${text}: no URL; write it as https://host:6443`);
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port ${text}: no port; give a number from 0 (any free one) to 65535`);
}
