/**
 * Starts a cluster, runs a command in it, and removes it: `main.ts COMMAND…`. The command is in the cluster's network, finds kubectl and
 * helm, and gets KUBECONFIG and, of a local cluster, PGSCOPE_CLUSTER (its directory) in its environment. Without a command: a shell.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type ProvidedCluster, providerOf } from './provider.js';

const say = (line: string): void => console.error(`cluster: ${line}`);
const provider = providerOf(process.env);

if (process.argv[2] === '--clean') {
  for (const name of await provider.clean()) say(`removed ${name}`);
} else {
  process.exitCode = await runInCluster(process.argv.slice(2));
}

async function runInCluster(command: string[]): Promise<number> {
  const images = [
    ...(await script('build-images.sh')).split('\n'),
    ...(await script('build-test-images.sh')).split('\n'),
  ];
  const cluster = await provider.start({ images, onLog: say });
  try {
    say('ready');
    return await runCommand(cluster, command);
  } finally {
    say('removing the cluster');
    await cluster.remove();
  }
}

/** What the script prints last is what it has made; what it says meanwhile is for people. */
async function script(name: string): Promise<string> {
  const path = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const { stdout } = await execa(path, { stderr: 'inherit' });
  return stdout;
}

async function runCommand({ environment, enter }: ProvidedCluster, command: string[]): Promise<number> {
  const words = command.length > 0 ? command : [process.env.SHELL ?? 'bash'];
  const [file = '', ...args] = [...enter, ...words];
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  // A terminal sends Ctrl-C to both; the command decides what it means. What ends this process only is passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = await once(child, 'exit');
  return signal === null ? code : 1;
}
