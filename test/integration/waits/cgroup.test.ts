/** The CPU time of all queries and processes of a server is what its cgroup has used, as the kernel counts it. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { frames, Wire } from '../../servers/wire.js';
import { childrenOf, SUPPORTED_BUILDS, startServer, stopServers, waitUntil } from '../../servers.js';
import { Recording } from '../../tracer.js';
import { measureCpu } from '../../waits/cpu.js';
import { CpuGroup } from '../../waits/cpu-group.js';

const { bind, execute, parse, query, sync } = frames;
const TOLERANCE = 0.02;
const CLIENTS = 4;
const ROUNDS = 150;
const WAIT_MS = 60_000;

jest.setTimeout(300_000);

let group: CpuGroup | undefined;
let recording: Recording | undefined;

afterEach(async () => {
  await recording?.stop();
  await stopServers();
  await group?.remove();
  group = undefined;
  recording = undefined;
});

async function work(wire: Wire): Promise<void> {
  await wire.run(
    parse({ name: 'g', text: 'select count(*) from generate_series(1, $1::int) where generate_series % 7 = 3' }),
    sync(),
  );
  for (let i = 0; i < ROUNDS; i++) {
    await wire.run(query('select sum(sqrt(i)) from generate_series(1, 10000) i'));
    await wire.run(bind({ statement: 'g', values: ['15000'] }), execute(), sync());
    await wire.run(query(`update g_rows set n = n + 1 where id % 50 = ${i % 50}`));
  }
}

test.each(SUPPORTED_BUILDS)('%s: within 2 %% under load', async (build) => {
  const server = await startServer({ build, settings: { autovacuum: 'off' } });
  await server.sql('create table g_rows as select i as id, 0 as n from generate_series(1, 5000) i');
  group = new CpuGroup();
  group.take([server.pid, ...childrenOf(server.pid).map(({ pid }) => pid)]);
  recording = await Recording.start();
  await recording.attach(server);
  const wires = await Promise.all(Array.from({ length: CLIENTS }, () => Wire.connect(server)));
  await recording.reset();
  const before = group.cpuNs;
  const measured = measureCpu(server.pid);
  await Promise.all(wires.map(work));
  await Promise.all(wires.map((wire) => wire.end()));
  const backends = new Set(wires.map(({ processId }) => processId));
  expect(await waitUntil(() => !childrenOf(server.pid).some(({ pid }) => backends.has(pid)), WAIT_MS)).toBe(true);
  const used = group.cpuNs - before;
  // The postmaster itself is not counted; pgscope's CPU time includes interrupts and what the host of a virtual machine took.
  const { used: postmaster, taken } = measured();
  await recording.drain();
  const told = recording.aggregates.reduce((sum, { cpuNs = 0 }) => sum + cpuNs, 0);
  expect(told).toBeGreaterThan((used - postmaster) * (1 - TOLERANCE));
  expect(told).toBeLessThan(used * (1 + TOLERANCE) + taken);
});
