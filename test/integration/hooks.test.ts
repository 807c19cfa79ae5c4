/** A hook that stays silent while statements run is noticed, replaced by another one, and reported; nothing stays attached. */
import { afterEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { tracerPath } from '../../agent/tracer.js';
import { frames, sqlstatesOf, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers, waitUntil } from '../servers.js';
import { Recording } from '../tracer.js';

const TIMEOUT_MS = 120_000;

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  recording = undefined;
  await stopServers();
});

async function runSome(server: Server, texts: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const text of texts) await wire.run(frames.query(text));
  await wire.end();
}

test(
  'EndCommand that is never called is replaced by PortalRun, which counts statements and rows',
  async () => {
    const server = await startServer({ build: 's18' });
    const noticed = await Recording.start();
    recording = noticed;
    await noticed.attach(server);
    await runSome(server, Array<string>(20).fill('select 1 as f_unseen'));
    await noticed.until(() => noticed.hooks.length > 0, 'a silent hook');
    expect(noticed.hooks).toMatchObject([
      { name: 'EndCommand', state: 'silent', replacedBy: 'PortalRun', message: expect.stringMatching(/never called/) },
    ]);

    await runSome(server, [
      ...Array<string>(7).fill('select i as f_seen from generate_series(1, 3) as i'),
      'prepare f_plan as select 1 as f_inner; execute f_plan',
      'select 1/0 as f_failed',
    ]);
    expect(await noticed.totals('f_seen')).toMatchObject({ calls: 7, errors: 0, measured: 7 });
    expect((await noticed.totals('f_seen')).counter('rows')).toBe(21);
    expect(await noticed.totals('execute f_plan')).toMatchObject({ calls: 1, errors: 0 });
    expect(await noticed.totals('f_failed')).toMatchObject({ calls: 0, errors: 1 });
  },
  TIMEOUT_MS,
);

test(
  'EmitErrorReport that is never called is replaced by AbortCurrentTransaction, with the SQLSTATE',
  async () => {
    const server = await startServer({ build: 'e18' });
    const noticed = await Recording.start();
    recording = noticed;
    await noticed.attach(server);
    for (let i = 0; i < 5; i++) await runSome(server, ['begin', 'select 1/0 as f_unseen', 'rollback']);
    await noticed.until(() => noticed.hooks.length > 0, 'a silent hook');
    expect(noticed.hooks).toMatchObject([
      { name: 'EmitErrorReport', state: 'silent', replacedBy: 'AbortCurrentTransaction' },
    ]);
    const wire = await Wire.connect(server);
    expect(sqlstatesOf(await wire.run(frames.query('select 1/0 as f_failed')))).toEqual(['22012']);
    await wire.end();
    expect(await noticed.totals('f_failed')).toMatchObject({ calls: 0, errors: 1 });
    expect(await noticed.records('f_failed')).toMatchObject([{ reason: 'failed', sqlstate: '22012' }]);
  },
  TIMEOUT_MS,
);

async function links(): Promise<number[]> {
  const { stdout } = await execa('bpftool', ['link', 'show', '--json'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
}

test(
  'a tracer killed with -9 leaves no probe behind, and the server goes on',
  async () => {
    const server = await startServer({ build: 'n18' });
    const before = await links();
    const tracer = execa(tracerPath(process.env), { stdin: 'pipe', reject: false });
    try {
      tracer.stdin.write(`${JSON.stringify({ command: 'attach', target: 'local', pid: server.pid })}\n`);
      let told = '';
      tracer.stdout.on('data', (chunk: Buffer) => {
        told += chunk.toString();
      });
      expect(await waitUntil(async () => told.includes('"attached"'), 30_000)).toBe(true);
      const held = (await links()).filter((id) => !before.includes(id));
      expect(held.length).toBeGreaterThan(8);
      tracer.kill('SIGKILL');
      await tracer;
      const gone = async () => !(await links()).some((id) => held.includes(id));
      expect(await waitUntil(gone, 30_000)).toBe(true);
      await runSome(server, ['select 1']);
    } finally {
      tracer.kill('SIGKILL');
    }
  },
  TIMEOUT_MS,
);
