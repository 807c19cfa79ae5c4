/** A tracer that is killed leaves nothing in the kernel, and the server goes on. */
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type Held, heldBy } from '../held.js';
import { startServer, stopServers, waitUntil } from '../servers.js';
import { Recording } from '../tracer.js';

let killed: Recording | undefined;
afterEach(async () => {
  await killed?.stop();
  await stopServers();
});

async function known(kind: Held): Promise<number[]> {
  const { stdout } = await execa('bpftool', [kind, 'show', '--json'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
}

test('a tracer killed with -9 leaves no link, program or map behind, and the server goes on', async () => {
  const server = await startServer({ build: 'n18' });
  killed = await Recording.start();
  await killed.attach(server);
  const pid = killed.processId();
  const held = { link: heldBy(pid, 'link'), prog: heldBy(pid, 'prog'), map: heldBy(pid, 'map') };
  expect(held.link.size).toBeGreaterThan(8);
  expect(held.prog.size).toBeGreaterThan(8);
  expect(held.map.size).toBeGreaterThan(8);
  for (const kind of ['link', 'prog', 'map'] as const)
    expect(await known(kind)).toEqual(expect.arrayContaining([...held[kind]]));
  process.kill(pid, 'SIGKILL');
  for (const kind of ['link', 'prog', 'map'] as const) {
    const gone = async () => !(await known(kind)).some((id) => held[kind].has(id));
    expect({ kind, gone: await waitUntil(gone, 30_000) }).toEqual({ kind, gone: true });
  }
  await server.sql('select 1');
}, 120_000);
