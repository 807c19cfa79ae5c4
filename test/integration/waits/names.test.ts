/** Names of wait events against those that real servers show for the same numbers. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { ownTable } from '../../../agent/waits/tables.js';
import { isIdle, isIdleOutsideStatement, waitEvent } from '../../../agent/waits.js';
import { removeServer, type Server, SUPPORTED_BUILDS, startServer, waitUntil } from '../../servers.js';
import { provokeWaits, SETTINGS, type Waits } from '../../waits/provoke.js';
import { type WaitInfo, waitInfoOf } from '../../waits/wait-info.js';

const TIMEOUT_MS = 60_000;
const EXTENSION = 7;
const INJECTION_POINT = 11;
/** Events that minor versions have appended since the oldest servers of these tests: our tables may know more than a server does. */
const APPENDED = ['IPC WalReceiverUpstreamCatchup'];

interface Shown {
  type: string | null;
  name: string | null;
}

describe.each(SUPPORTED_BUILDS)('%s', (build) => {
  const major = Number(build.slice(1));
  let server: Server;
  let observer: pg.Client;
  let waitInfo: WaitInfo;

  beforeAll(async () => {
    const summaries = major >= 17 ? { summarize_wal: 'on' } : {};
    server = await startServer({ build, settings: { ...SETTINGS, ...summaries } });
    observer = await server.client();
    waitInfo = waitInfoOf(server.executable);
  }, 300_000);
  afterAll(async () => {
    await observer.end();
    await removeServer(server);
  });

  const shown = async (pid: number): Promise<Shown> => {
    const text = 'select wait_event_type as type, wait_event as name from pg_stat_activity where pid = $1';
    const { rows } = await observer.query<Shown>({ name: 'shown', text, values: [pid] });
    return rows[0] ?? { type: null, name: null };
  };

  /** The number and what the server calls it, read while it did not change; undefined if it did, or is no wait. */
  const observe = async (pid: number): Promise<{ info: number; words: string } | undefined> => {
    const info = readOptional(waitInfo, pid);
    const { type, name } = await shown(pid);
    const isSteady = info !== undefined && info !== 0 && info === readOptional(waitInfo, pid);
    return isSteady ? { info, words: `${type} ${name}` } : undefined;
  };

  const named = (info: number): string => {
    const wait = waitEvent(major, info);
    expect(wait).toMatchObject({ verified: true });
    return `${wait?.type} ${wait?.name}`;
  };

  test('every number has the name that the server gives it', async () => {
    const client = await server.client();
    const [{ pid } = { pid: 0 }] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    expect(await waitUntil(async () => (await shown(pid)).name === 'ClientRead', TIMEOUT_MS)).toBe(true);
    const wrong: { info: string; ours: string; theirs: Shown }[] = [];
    const compared = numbersOf(major);
    for (const info of compared) {
      waitInfo.write(pid, info); // the client sleeps, so it stays until we have asked
      const theirs = await shown(pid);
      const ours = named(info);
      if (!agree(ours, theirs)) wrong.push({ info: info.toString(16), ours, theirs });
    }
    expect(wrong).toEqual([]);
    expect(compared.length).toBeGreaterThan(250);
    expect(waitInfo.read(pid)).toBe(compared.at(-1));
    await client.end();
  });

  // Earlier versions have no such view.
  if (major >= 17) {
    test('all names that the server lists are known, and no others', async () => {
      const { rows } = await observer.query<Shown>('select type, name from pg_wait_events');
      const theirs = rows.map(({ type, name }) => `${type} ${name}`);
      const classes = Object.values(ownTable(major)?.classes ?? {});
      const ours = classes.flatMap(({ type, names }) => Object.values(names).map((name) => `${type} ${name}`));
      const isAppended = (words: string): boolean => APPENDED.includes(words) && !theirs.includes(words);
      expect(ours.filter((words) => !isAppended(words)).sort()).toEqual(theirs.sort());
    });
  }

  test('background processes wait as the server says, and are idle', async () => {
    const expected = ['ArchiverMain', 'AutovacuumMain', 'CheckpointerMain', 'LogicalLauncherMain', 'WalWriterMain'];
    if (major >= 17) expected.push('WalSummarizerWal');
    if (major >= 18) expected.push('IoWorkerMain');
    const seen = new Set<string>();
    const look = async (): Promise<boolean> => {
      const { rows } = await observer.query<{ pid: number }>(
        "select pid from pg_stat_activity where backend_type not in ('client backend', 'walsender')",
      );
      for (const { pid } of rows) {
        const wait = await observe(pid);
        if (wait === undefined || named(wait.info) !== wait.words) continue; // it may have woken up meanwhile
        expect(isIdle(major, wait.info)).toBe(wait.words.startsWith('Activity '));
        seen.add(wait.words.toLowerCase());
      }
      return expected.every((name) => seen.has(`activity ${name.toLowerCase()}`));
    };
    if (!(await waitUntil(look, TIMEOUT_MS))) expect([...seen]).toBe(expected);
  }, 120_000);

  describe('processes that are made to wait', () => {
    let waits: Waits;
    beforeAll(async () => {
      waits = await provokeWaits(server);
    }, 120_000);

    test.each([
      'Activity WalSenderMain',
      'BufferPin BufferPin',
      'Client ClientRead',
      'Client ClientWrite',
      'Client WalSenderWaitForWal',
      'IPC SafeSnapshot',
      'IPC SyncRep',
      'Lock advisory',
      'Lock relation',
      'Lock transactionid',
      'Lock virtualxid',
      'Timeout PgSleep',
      'Timeout VacuumDelay',
    ])(
      '%s',
      async (words) => {
        const [name = '', pid = 0] = [...waits].find(([one]) => one.toLowerCase() === words.toLowerCase()) ?? [];
        let wait: Awaited<ReturnType<typeof observe>>;
        const isThere = async (): Promise<boolean> => {
          wait = await observe(pid);
          return wait?.words === name;
        };
        if (!(await waitUntil(isThere, TIMEOUT_MS))) expect(wait).toBe(name);
        const info = wait?.info ?? 0;
        expect(named(info)).toBe(name);
        const isWalSender = name.includes('WalSender');
        expect(isIdle(major, info)).toBe(isWalSender);
        expect(isIdleOutsideStatement(major, info)).toBe(isWalSender || name === 'Client ClientRead');
      },
      120_000,
    );
  });
});

/** Every number of the tables, holes and a few more in each class, and classes that are none. */
function numbersOf(major: number): number[] {
  return Array.from({ length: 14 }, (_, number) => number).flatMap((number) => {
    const { names, others } = ownTable(major)?.classes[number] ?? { names: {} };
    const last = Math.max(0, ...Object.keys(names).map(Number), others?.from ?? 0);
    return eventsUpTo({ major, number, last }).map((event) => (number << 24) + event);
  });
}

/** From 17 on the server refuses to name the events of extensions that nobody has registered. */
function eventsUpTo({ major, number, last }: { major: number; number: number; last: number }): number[] {
  if (number === 0) return [];
  if (major >= 17 && number === EXTENSION) return [0];
  if (major >= 17 && number === INJECTION_POINT) return [];
  return Array.from({ length: last + 5 }, (_, event) => event);
}

/** Where the server knows no name, we must have none either. */
function agree(ours: string, { type, name }: Shown): boolean {
  const isNameless =
    name === null || name === 'unknown wait event' || name === '???' || name.startsWith('<unassigned:');
  if (!isNameless) return ours === `${type} ${name}`;
  return APPENDED.includes(ours) || (/ event \d+$/.test(ours) && (type === '???' || ours.startsWith(`${type} `)));
}

function readOptional(waitInfo: WaitInfo, pid: number): number | undefined {
  try {
    return waitInfo.read(pid);
  } catch {
    return undefined; // it has ended
  }
}
