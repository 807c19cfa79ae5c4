/** Trace programs where PIDs are others than the kernel's: in a node that is a container itself, as kind's are, with a server in a container of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Recorded } from '../../command/otlp.js';
import { Command, eventually, scratchFile, stopCommands } from '../../command.js';
import { childrenOf, isAlive, type Server, startServer, stopServers, waitUntil } from '../../servers.js';

jest.setTimeout(180_000);

/** Each in a PID namespace below the one before, with a /proc of its own; they end with who started them. */
const NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc'];

let outside: Server;
let inside: Server;
/** The first process of the node, as this host shows it. */
let node: number;
let machine: ChildProcess;

beforeAll(async () => {
  [outside, inside] = await Promise.all([startServer({ build: 'n18' }), startServer({ build: 'n18' })]);
  // The same server once more, as the first process of a container.
  await inside.stop();
  const postgres = `setpriv --reuid=65534 --regid=65534 --clear-groups ${inside.executable} -D ${inside.dataDirectory}`;
  const container = `unshare ${NAMESPACE.join(' ')} ${postgres}`;
  machine = spawn('unshare', [...NAMESPACE, 'sh', '-c', `${container} & exec sleep infinity`], { stdio: 'ignore' });
  await eventually('the node', () => {
    node = childrenOf(machine.pid ?? 0)[0]?.pid ?? 0;
    return node > 0 && readFileSync(`/proc/${node}/comm`, 'utf8').trim() === 'sleep';
  });
  await eventually('the server in it', async () => {
    try {
      await inside.sql('select 1');
      return true;
    } catch {
      return false;
    }
  });
});
afterEach(stopCommands);
afterAll(async () => {
  const [container] = childrenOf(node);
  const [postmaster] = childrenOf(container?.pid ?? 0);
  if (postmaster !== undefined) {
    // In order: a server that is killed leaves its shared memory behind.
    process.kill(postmaster.pid, 'SIGINT');
    await waitUntil(() => !isAlive(postmaster), 30_000);
  }
  if (machine.exitCode === null && machine.signalCode === null) {
    machine.kill('SIGKILL');
    await once(machine, 'exit');
  }
  await stopServers();
});

const PROGRAM = `apiVersion: pgscope.dev/v1alpha1
kind: TraceProgram
metadata: {name: statements}
spec:
  maps: [{name: calls, metric: test.calls, kind: counter, keys: [{name: statement, type: query}]}]
  source: |
    uprobe:postgres:pgstat_report_activity /PGSCOPE_TARGET && arg1 != 0/ { @calls[str(arg1)] = count(); }
`;

test('a program sees its server alone, by the PID namespace', async () => {
  expect(readlinkSync(`/proc/${node}/ns/pid`)).not.toBe(readlinkSync('/proc/self/ns/pid'));
  const told = scratchFile('told.jsonl');
  const program = scratchFile('statements.yaml', PROGRAM);
  const target = ['--data-directory', inside.dataDirectory, '--duration', '5s'];
  // It starts the command as a child, which ends by itself; what does not is ended with its namespace.
  const by = ['nsenter', '--target', String(node), '--pid', '--mount'];
  const command = Command.start(['run', program, ...target, '--interval', '200ms', '--otlp-file', told], { by });
  await command.says('attached');
  const calls = (marker: string) =>
    Recorded.fromFile(told).total('test.calls', ({ attributes }) =>
      String(attributes['db.query.text']).includes(marker),
    );
  await eventually('a statement', async () => {
    await outside.sql('select 1 as outside_of_it');
    await inside.sql('select 1 as inside_of_it');
    return calls('inside_of_it') > 0;
  });
  const { exitCode, stderr } = await command.ended;
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`in ${inside.dataDirectory} (PID `)]);
  expect(calls('outside_of_it')).toBe(0);
});
