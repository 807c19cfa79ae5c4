/**
 * A hook that stays silent while statements run is noticed, replaced by another one, and reported; one that had nothing to say
 * is not.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { linksOf, untilLinks } from '../held.js';
import { frames, sqlstatesOf, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers, waitUntil } from '../servers.js';
import { Recording } from '../tracer.js';

const TIMEOUT_MS = 120_000;
const { bind, describeStatement, execute, parse, query, sync } = frames;

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

/** Resolves when the tracer has looked at all hooks, and so added one for what has run now: a prepared statement with a trace context. */
async function untilWatched(server: Server, recording: Recording): Promise<void> {
  const wire = await Wire.connect(server);
  const text = "select 1 /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/";
  await wire.run(parse({ name: 'f_context', text }), bind({ statement: 'f_context' }), execute(), sync());
  await wire.end();
  const added = () => recording.hooks.some(({ name }) => name === 'StorePreparedStatement');
  await recording.until(added, 'a hook for prepared statements');
}

const hooksOf = (recording: Recording, name: string) => recording.hooks.filter((hook) => hook.name === name);

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
    'PortalRun counts what fails at its commit, and what goes on behind an error, once',
    async () => {
      const server = await startServer({ build: 's18' });
      const noticed = await record(server);
      const told = async () => {
        await runSome(server, Array<string>(20).fill('select 1 as f_unseen'));
        await noticed.drain();
        return noticed.hooks.length > 0;
      };
      expect(await waitUntil(told, 60_000)).toBe(true);
      await runSome(server, [
        'create table f_unique (id int, unique (id) deferrable initially deferred)',
        'insert into f_unique (id) values (1), (1)',
        'begin; insert into f_unique (id) values (2), (2) /* f_in_block */; commit; select f_not_reached',
        'create table f_plain (id int)',
        'insert into f_plain (id) values (1); select f_gone',
        'prepare f_divide as select 1 / (i - i) from generate_series(1, 1) as i',
        "do $$ begin execute 'execute f_divide'; exception when division_by_zero then null; end $$",
        'select 1 as f_next',
      ]);
      await noticed.drain();
      const countsOf = async (marker: string) => {
        const { calls, errors, measured } = await noticed.totals(marker);
        return { calls, errors, measured };
      };
      expect(await countsOf('insert into f_unique')).toEqual({ calls: 1, errors: 1, measured: 2 });
      expect(await countsOf('commit')).toEqual({ calls: 0, errors: 1, measured: 1 });
      expect(await countsOf('insert into f_plain')).toEqual({ calls: 1, errors: 0, measured: 1 });
      expect(await countsOf('f_gone')).toEqual({ calls: 0, errors: 1, measured: 1 });
      expect(await countsOf('division_by_zero')).toEqual({ calls: 1, errors: 0, measured: 1 });
      expect(await countsOf('f_next')).toEqual({ calls: 1, errors: 0, measured: 1 });
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

/** In r18, EndCommand is called by commits; in m18, EmitErrorReport by the errors of portals that run, and not by others. */
describe('a hook that is called after all', () => {
  const quiet = { autovacuum: 'off', max_logical_replication_workers: 0 };
  const WHILE_IT_RUNS = 'select 1 / (f_both - f_both) from generate_series(1, 1) as f_both';

  /** Errors of the planner, until EmitErrorReport is replaced. */
  async function failUnseen(server: Server, recording: Recording): Promise<void> {
    for (let i = 0; i < 3; i++) await runSome(server, ['begin', 'select 1/0 as f_unseen', 'rollback']);
    await recording.until(() => hooksOf(recording, 'EmitErrorReport').length > 0, 'a silent hook');
  }

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
      const server = await startServer({ build: 'm18', settings: quiet });
      const noticed = await record(server);
      await failUnseen(server, noticed);
      await runSome(server, Array<string>(3).fill(WHILE_IT_RUNS));
      await noticed.until(() => hooksOf(noticed, 'EmitErrorReport').length > 1, 'that it is called');
      expect(hooksOf(noticed, 'EmitErrorReport')).toMatchObject([
        { replacedBy: 'AbortCurrentTransaction' },
        { state: 'attached', message: expect.stringMatching(/after all/) },
      ]);
      expect(await noticed.totals('f_both')).toMatchObject({ calls: 0, errors: 3, measured: 3 });
    },
    TIMEOUT_MS,
  );

  test(
    'EmitErrorReport that misses some errors stays replaced, and none is missing',
    async () => {
      const server = await startServer({ build: 'm18', settings: quiet });
      const noticed = await record(server);
      await failUnseen(server, noticed);
      await runSome(server, ['select 1/0 as f_missed', ...Array<string>(6).fill(WHILE_IT_RUNS)]);
      await untilWatched(server, noticed);
      await runSome(server, ['select 1/0 as f_missed']);
      expect(hooksOf(noticed, 'EmitErrorReport')).toHaveLength(1);
      expect(await noticed.totals('f_both')).toMatchObject({ calls: 0, errors: 6, measured: 6 });
      expect(await noticed.totals('f_missed')).toMatchObject({ calls: 0, errors: 2, measured: 2 });
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
    'errors that cannot be read, since geterrcode cannot be decoded: no hook is replaced',
    async () => {
      const server = await startServer({ build: 'g18' });
      const blind = await record(server);
      expect(blind.attached.get('local')?.missing.join()).toMatch(/failed statements are not counted/);
      for (let i = 0; i < 5; i++) await runSome(server, ['begin', 'select 1/0', 'rollback']);
      await untilWatched(server, blind);
      expect(hooksOf(blind, 'EmitErrorReport')).toEqual([]);
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
