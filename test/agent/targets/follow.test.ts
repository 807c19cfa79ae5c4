import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFollower, postmasterByPid, TargetError } from '../../../agent/targets.js';
import { createDataDirectory, type FakeServer, removeDataDirectory, startFakeServer } from './fake-server.js';

const directories: string[] = [];
const servers: FakeServer[] = [];
let clockMs: number;
const now = () => clockMs;

async function serverIn(directory: string): Promise<FakeServer> {
  const server = await startFakeServer(directory);
  servers.push(server);
  return server;
}

async function newServer(): Promise<FakeServer> {
  const directory = createDataDirectory();
  directories.push(directory);
  return await serverIn(directory);
}

beforeEach(() => {
  clockMs = 0;
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const directory of directories.splice(0)) removeDataDirectory(directory);
});

describe('servers that were named', () => {
  test('a restart in the same data directory is found, other servers are not', async () => {
    const server = await newServer();
    const follower = createFollower({ pids: [], dataDirectories: [server.directory] }, { now });
    const [first] = follower.start();
    expect(first?.pid).toBe(server.pid);
    expect(follower.poll()).toEqual([]);

    await server.stop();
    if (first !== undefined) follower.ended(first);
    expect(follower.poll()).toEqual([]);
    await newServer();
    const restarted = await serverIn(server.directory);
    clockMs += 60_000;
    expect(follower.poll()).toEqual([{ ...first, pid: restarted.pid, startTime: expect.any(String) }]);
    clockMs += 60_000;
    expect(follower.poll()).toEqual([]);
  });

  test('a server named twice is followed once', async () => {
    const server = await newServer();
    const follower = createFollower({ pids: [server.pid, server.pid], dataDirectories: [server.directory] });
    expect(follower.start()).toEqual([postmasterByPid(server.pid)]);
  });

  test('more than the limit is refused', async () => {
    const pids = [(await newServer()).pid, (await newServer()).pid];
    const follower = createFollower({ pids, dataDirectories: [] }, { maxTargets: 1 });
    expect(() => follower.start()).toThrow(new TargetError('2 servers were named, at most 1 can be recorded'));
  });
});

describe('every server on the host', () => {
  const selection = { pids: [], dataDirectories: [] };

  test('servers that start later are found, but not more often than the interval allows', async () => {
    const follower = createFollower(selection, { now });
    follower.start();
    const server = await newServer();
    expect(follower.poll()).toEqual([]);
    clockMs += 60_000;
    expect(follower.poll()).toContainEqual(postmasterByPid(server.pid));
  });

  test('a server that was passed over comes back only when it has restarted', async () => {
    const server = await newServer();
    const follower = createFollower(selection, { now });
    follower.start();
    follower.passOver(postmasterByPid(server.pid));
    const pids = () => {
      clockMs += 60_000;
      return follower.poll().map(({ pid }) => pid);
    };
    expect(pids()).not.toContain(server.pid);
    await server.stop();
    const restarted = await serverIn(server.directory);
    expect(pids()).toContain(restarted.pid);
  });

  test('servers beyond the limit are left out and counted', async () => {
    await newServer();
    await newServer();
    const follower = createFollower(selection, { maxTargets: 1, now });
    expect(follower.start()).toHaveLength(1);
    expect(follower.leftOut).toBeGreaterThanOrEqual(1);
  });
});
