/** `pgscope agent`: the agent of a Kubernetes node. */

import { readFileSync } from 'node:fs';
import { createKubeClient, inClusterConnection, type KubeConnection, tokenFromFile } from '../../kube/client.js';
import { type Destinations, DestinationsError, readDestinations, runNodeAgent } from '../node.js';
import { TracerError } from '../tracer.js';
import { type AgentArguments, agentArguments } from './agent/options.js';
import { CommandError, type CommandIo, EXIT_OK, UsageError } from './command.js';

export async function runAgent(argv: string[], io: CommandIo): Promise<number> {
  const options = agentArguments(argv, io.env);
  const onLog = (line: string) => void io.stderr.write(`${line}\n`);
  const destinations = openDestinations(options.destinationsFile);
  const client = createKubeClient(openConnection(options, io.env));
  try {
    await runNodeAgent({ ...options, client, destinations, env: io.env, signal: io.signal, onLog });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      throw new CommandError(`--port ${options.port}: ${message}; give another one`);
    throw error instanceof TracerError ? new CommandError(message) : error;
  }
  return EXIT_OK;
}

function openDestinations(file: string): Destinations {
  try {
    return readDestinations(file);
  } catch (error) {
    throw error instanceof DestinationsError ? new UsageError(error.message) : error;
  }
}

function openConnection({ server, tokenFile, caFile }: AgentArguments, env: NodeJS.ProcessEnv): KubeConnection {
  try {
    if (server === undefined) return inClusterConnection(env);
    return {
      server,
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
      ...(tokenFile === undefined ? {} : { token: tokenFromFile(tokenFile) }),
    };
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}
