/**
 * Starts a local cluster, runs a command in it, and removes it: `main.ts COMMAND…`. The command is in the cluster's network, finds
 * kubectl and helm, and gets KUBECONFIG and PGSCOPE_CLUSTER (the cluster's directory) in its environment. Without a command: a shell.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { environment, network } from './commands.js';
import { startLocalCluster } from './local.js';
import type { ClusterRecord } from './record.js';
import { removeCluster, removeLeftovers } from './removal.js';

const NODES = 2;
const say = (line: string): void => console.error(`cluster: ${line}`);

if (process.argv[2] === '--clean') {
  for (const name of await removeLeftovers()) say(`removed ${name}`);
} else {
  process.exitCode = await runInCluster(process.argv.slice(2));
}

async function runInCluster(command: string[]): Promise<number> {
  const programs = await script('build-cluster.sh', 'kubernetes');
  const images = [
    ...(await script('build-images.sh')).split('\n'),
    ...(await script('build-test-images.sh')).split('\n'),
  ];
  const record = await startLocalCluster({ nodes: NODES, programs, images, onLog: say });
  try {
    say('ready');
    return await runCommand(record, command);
  } finally {
    say('removing the cluster');
    await removeCluster(record.directory);
  }
}

/** What the script prints last is what it has made; what it says meanwhile is for people. */
async function script(name: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const { stdout } = await execa(path, args, { stderr: 'inherit' });
  return stdout;
}

async function runCommand(record: ClusterRecord, command: string[]): Promise<number> {
  const words = command.length > 0 ? command : [process.env.SHELL ?? 'bash'];
  const env = { ...process.env, ...environment(record), PGSCOPE_CLUSTER: record.directory };
  const child = spawn('nsenter', [...network(record), ...words], { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to both; the command decides what it means. What ends this process only is passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = await once(child, 'exit');
  return signal === null ? code : 1;
}
