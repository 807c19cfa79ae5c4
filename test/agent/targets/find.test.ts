import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { allPostmasters, postmasterByDataDirectory, postmasterByPid, TargetError } from '../../../agent/targets.js';
import { createDataDirectory, type FakeServer, removeDataDirectory, startFakeServer } from './fake-server.js';

let directory: string;
let server: FakeServer;

beforeEach(async () => {
  directory = createDataDirectory();
  server = await startFakeServer(directory);
});

afterEach(async () => {
  await server.stop();
  removeDataDirectory(directory);
});

describe('by PID', () => {
  test('finds a postmaster whatever its name is', () => {
    const postmaster = postmasterByPid(server.pid);
    expect(postmaster).toMatchObject({ pid: server.pid, dataDirectory: directory });
    expect(postmaster.id).toMatch(/^\d+:\d+$/);
    expect(postmaster.executable).toMatch(/sh$/);
  });

  test('names the postmaster when it is given a backend', () => {
    expect(() => postmasterByPid(server.childPid)).toThrow(
      new TargetError(
        `PID ${server.childPid} is a child process of the PostgreSQL server in ${directory}, not its postmaster; use --pid ${server.pid}`,
      ),
    );
  });

  test('says of another process what it is', () => {
    expect(() => postmasterByPid(process.pid)).toThrow(
      /^PID \d+ \(.+\) is not a PostgreSQL server: its working directory .+ has no/,
    );
  });

  test('says that there is no such process', async () => {
    await server.stop();
    expect(() => postmasterByPid(server.pid)).toThrow(`there is no process with PID ${server.pid}`);
  });
});

describe('by data directory', () => {
  test('finds the server through a symbolic link', () => {
    const link = join(tmpdir(), `pgscope-link-${process.pid}`);
    symlinkSync(directory, link);
    try {
      expect(postmasterByDataDirectory(link)).toEqual(postmasterByPid(server.pid));
    } finally {
      rmSync(link);
    }
  });

  test.each([
    [
      'no server has started there',
      (d: string) => rmSync(join(d, 'postmaster.pid')),
      /^no PostgreSQL server runs in .+ \(it has no postmaster.pid\)/,
    ],
    [
      'the PID file is left over',
      (d: string) => writeFileSync(join(d, 'postmaster.pid'), '1\n'),
      /names PID 1, which is not a server in this directory/,
    ],
    [
      'a single-user postgres works there',
      (d: string) => writeFileSync(join(d, 'postmaster.pid'), '-77\n'),
      /single-user postgres \(PID 77\)/,
    ],
    ['it is no data directory', (d: string) => rmSync(join(d, 'PG_VERSION')), /is not a PostgreSQL data directory/],
  ])('says so when %s', (_case, spoil, message) => {
    spoil(directory);
    expect(() => postmasterByDataDirectory(directory)).toThrow(message);
  });

  test('says so when the directory does not exist', () => {
    expect(() => postmasterByDataDirectory('/nonexistent')).toThrow(new TargetError('/nonexistent is not a directory'));
  });
});

describe('all on the host', () => {
  test('finds the postmaster once, not its children', () => {
    const found = allPostmasters().filter(({ dataDirectory }) => dataDirectory === directory);
    expect(found.map(({ pid }) => pid)).toEqual([server.pid]);
  });

  test('leaves out data directories that are known', () => {
    const known = new Set([postmasterByPid(server.pid).id]);
    expect(allPostmasters(known).map(({ pid }) => pid)).not.toContain(server.pid);
  });
});
