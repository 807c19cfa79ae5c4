/**
 * A hook that stays silent while statements run is noticed, replaced by another one, and reported; one that had nothing to say
 * is not; nothing stays attached.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { frames, sqlstatesOf, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers, waitUntil } from '../servers.js';
import { Recording } from '../tracer.js';

const TIMEOUT_MS = 120_000;
const { describeStatement, parse, query, sync } = frames;

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  recording = undefined;
  await stopServers();
});

async function record(server: Server): Promise<Recording> {
  const started = await Recording.start();
  recording = started;
  await started.attach(server);
  return started;
}

async function runSome(server: Server, texts: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const text of texts) await wire.run(query(text));
  await wire.end();
}

/** Empty for what has just been closed. */
function readOpen(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What the process holds of one kind, by the kernel's numbers. */
function heldBy(pid: number, kind: 'link' | 'prog' | 'map'): Set<number> {
  const ids = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => {
    const type = new RegExp(`^${kind}_type:`, 'm');
    const info = readOpen(`/proc/${pid}/fdinfo/${fd}`);
    return type.test(info) ? Number(new RegExp(`^${kind}_id:\\s*(\\d+)`, 'm').exec(info)?.[1]) : undefined;
  });
  return new Set(ids.filter((id) => id !== undefined));
}

async function untilLinks(recording: Recording, count: number): Promise<void> {
  const reached = await waitUntil(() => heldBy(recording.processId(), 'link').size === count, 30_000);
  expect({ reached, links: heldBy(recording.processId(), 'link').size }).toEqual({ reached: true, links: count });
}

const linksOf = (recording: Recording) => heldBy(recording.processId(), 'link').size;

describe('a hook that is never called', () => {
  test(
    'EndCommand is replaced by PortalRun, which counts statements and rows',
    async () => {
      const server = await startServer({ build: 's18' });
      const noticed = await record(server);
      const told = async () => {
        await runSome(server, Array<string>(20).fill('select 1 as f_unseen'));
        await noticed.drain();
        return noticed.hooks.length > 0;
      };
      expect(await waitUntil(told, 60_000)).toBe(true);
      expect(noticed.hooks).toMatchObject([
        {
          name: 'EndCommand',
          state: 'silent',
          replacedBy: 'PortalRun',
          message: expect.stringMatching(/never called/),
        },
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

      await noticed.attach(await startServer({ build: 's18' }), {}, 'later');
      const hooks = noticed.attached.get('later')?.hooks;
      expect(hooks).toContainEqual(expect.objectContaining({ name: 'EndCommand', state: 'silent' }));
      expect(hooks).toContainEqual(expect.objectContaining({ name: 'PortalRun', state: 'attached' }));
    },
    TIMEOUT_MS,
  );

  test(
    'EmitErrorReport is replaced by AbortCurrentTransaction, with the SQLSTATE',
    async () => {
      const server = await startServer({ build: 'e18' });
      const noticed = await record(server);
      for (let i = 0; i < 5; i++) await runSome(server, ['begin', 'select 1/0 as f_unseen', 'rollback']);
      await noticed.until(() => noticed.hooks.length > 0, 'a silent hook');
      expect(noticed.hooks).toMatchObject([
        { name: 'EmitErrorReport', state: 'silent', replacedBy: 'AbortCurrentTransaction' },
      ]);
      const wire = await Wire.connect(server);
      expect(sqlstatesOf(await wire.run(query('select 1/0 as f_failed')))).toEqual(['22012']);
      await wire.end();
      expect(await noticed.totals('f_failed')).toMatchObject({ calls: 0, errors: 1 });
      expect(await noticed.records('f_failed')).toMatchObject([{ reason: 'failed', sqlstate: '22012' }]);
    },
    TIMEOUT_MS,
  );
});

/** In r18, EndCommand is called by commits, and EmitErrorReport where a savepoint is aborted. */
describe('a hook that is called after all', () => {
  const quiet = { autovacuum: 'off', max_logical_replication_workers: 0 };

  test(
    'EndCommand counts again, and no statement has been counted twice',
    async () => {
      const server = await startServer({ build: 'r18', settings: quiet });
      const wire = await Wire.connect(server);
      const noticed = await record(server);
      const links = linksOf(noticed);
      await wire.run(query('begin'));
      for (let i = 0; i < 12; i++) await wire.run(query('select 1 as f_unseen'));
      await untilLinks(noticed, links + 2);
      for (let i = 0; i < 3; i++) await wire.run(query('select 1 as f_witnessed'));
      await noticed.until(() => noticed.hooks.length > 0, 'a silent hook');
      expect(noticed.hooks).toMatchObject([{ name: 'EndCommand', state: 'silent', replacedBy: 'PortalRun' }]);

      await wire.run(query('commit'));
      for (let i = 0; i < 25; i++) await wire.run(query('select 1 as f_both'));
      await noticed.until(() => noticed.hooks.length > 1, 'that it is called');
      expect(noticed.hooks[1]).toMatchObject({
        name: 'EndCommand',
        state: 'attached',
        message: expect.stringMatching(/after all/),
      });
      expect(linksOf(noticed)).toBe(links);
      expect(await noticed.totals('f_both')).toMatchObject({ calls: 25, measured: 25 });
      await wire.end();
    },
    TIMEOUT_MS,
  );

  test(
    'EmitErrorReport counts again, and no error has been counted twice',
    async () => {
      const server = await startServer({ build: 'r18', settings: quiet });
      const wire = await Wire.connect(server);
      const noticed = await record(server);
      for (let i = 0; i < 3; i++)
        for (const text of ['begin', 'select 1/0 as f_unseen', 'rollback']) await wire.run(query(text));
      await noticed.until(() => noticed.hooks.some(({ name }) => name === 'EmitErrorReport'), 'a silent hook');
      for (let i = 0; i < 3; i++)
        for (const text of ['begin', 'savepoint s', 'select 1/0 as f_both', 'rollback']) await wire.run(query(text));
      const told = () => noticed.hooks.filter(({ name }) => name === 'EmitErrorReport');
      await noticed.until(() => told().length > 1, 'that it is called');
      expect(told()).toMatchObject([
        { replacedBy: 'AbortCurrentTransaction' },
        { state: 'attached', message: expect.stringMatching(/after all/) },
      ]);
      expect(await noticed.totals('f_both')).toMatchObject({ calls: 0, errors: 3, measured: 3 });
      await wire.end();
    },
    TIMEOUT_MS,
  );
});

/** Messages that run nothing make EndCommand suspect, and the first statement clears it. */
describe('a hook that has nothing to say', () => {
  const messages: Record<string, (i: number) => Buffer[]> = {
    'empty queries': () => [query('')],
    'statements that are prepared': (i) => [
      parse({ name: `s${i}`, text: `select ${i} as f_prepared, $1::int` }),
      sync(),
    ],
    'statements that are prepared and described': (i) => [
      parse({ name: `s${i}`, text: `select ${i} as f_described, $1::int` }),
      describeStatement(`s${i}`),
      sync(),
    ],
  };

  test.each(Object.keys(messages))(
    '%s: no hook is replaced, and the next statements are counted once',
    async (kind) => {
      const server = await startServer({ build: 'n18' });
      const quiet = await record(server);
      const links = linksOf(quiet);
      const wire = await Wire.connect(server);
      const message = (i: number) => wire.run(...(messages[kind]?.(i) ?? []));
      for (let i = 0; i < 12; i++) await message(i);
      await untilLinks(quiet, links + 2); // PortalRun is watched, as a witness
      for (let i = 12; i < 40; i++) await message(i);
      for (let i = 0; i < 5; i++) await wire.run(query('select 1 as f_counted from generate_series(1, 2)'));
      await untilLinks(quiet, links);
      await wire.end();
      expect(await quiet.totals('f_counted')).toMatchObject({ calls: 5, measured: 5 });
      expect((await quiet.totals('f_counted')).counter('rows')).toBe(10);
      expect(quiet.hooks).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'statements that fail, and transactions that were aborted before: no hook is replaced',
    async () => {
      const server = await startServer({ build: 'n18' });
      const aborted = await Promise.all(Array.from({ length: 4 }, () => Wire.connect(server)));
      for (const wire of aborted) for (const text of ['begin', 'select 1/0']) await wire.run(query(text));
      const quiet = await record(server);
      const links = linksOf(quiet);
      for (const wire of aborted) for (let i = 0; i < 5; i++) await wire.run(query(''));
      await untilLinks(quiet, links + 2); // so the tracer has looked at what these have done
      for (const wire of aborted) for (let i = 0; i < 5; i++) await wire.run(query('select 1 as f_refused'));
      expect(await quiet.totals('f_refused')).toMatchObject({ calls: 0, errors: 20 });
      await Promise.all(aborted.map((wire) => wire.end()));
      await runSome(server, ['select 1 as f_counted']);
      await untilLinks(quiet, links);
      expect(quiet.hooks).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

async function known(kind: 'link' | 'prog' | 'map'): Promise<number[]> {
  const { stdout } = await execa('bpftool', [kind, 'show', '--json'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
}

test(
  'a tracer killed with -9 leaves no link, program or map behind, and the server goes on',
  async () => {
    const server = await startServer({ build: 'n18' });
    const killed = await record(server);
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
    await runSome(server, ['select 1']);
  },
  TIMEOUT_MS,
);
