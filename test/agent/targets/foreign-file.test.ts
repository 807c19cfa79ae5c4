import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readForeignFile } from '../../../agent/targets/foreign-file.js';
import { postmasterByDataDirectory, postmasterByPid, postmasterOf } from '../../../agent/targets.js';
import { createDataDirectory, type FakeServer, removeDataDirectory, startFakeServer } from './fake-server.js';

let directory: string;
let file: string;
const writers: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgscope-foreign-'));
  file = join(directory, 'file');
});
afterEach(async () => {
  for (const writer of writers.splice(0)) {
    const exited = once(writer, 'exit');
    if (writer.exitCode === null && writer.kill('SIGKILL')) await exited;
  }
  rmSync(directory, { recursive: true });
});

/** Somebody writes `text` into it, again and again: who opens it to read gets the text, instead of waiting for ever. */
function putPipe(path: string, text: string): void {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  writers.push(spawn('/bin/sh', ['-c', 'while :; do echo "$1" > "$2"; sleep 1; done', 'sh', text, path]));
}

describe('a file that belongs to others', () => {
  test('is read where it is a regular file', () => {
    writeFileSync(file, '18\n');
    expect(readForeignFile(file)).toBe('18\n');
    writeFileSync(file, '');
    expect(readForeignFile(file)).toBe('');
  });

  test('is not read where it is not there', () => {
    expect(readForeignFile(file)).toBeUndefined();
  });

  test('is no directory', () => {
    mkdirSync(file);
    expect(readForeignFile(file)).toBeUndefined();
  });

  test('is no pipe, of which nothing is read', () => {
    putPipe(file, '18');
    expect(readForeignFile(file)).toBeUndefined();
  });

  test.each(['/dev/zero', '/dev/null'])('is no device: %s', (device) => {
    expect(readForeignFile(device)).toBeUndefined();
  });

  test('is no link, not even to a regular file', () => {
    writeFileSync(join(directory, 'other'), '18\n');
    symlinkSync('other', file);
    expect(readForeignFile(file)).toBeUndefined();
  });

  test('can have any size: 4 KiB of it are read', () => {
    writeFileSync(file, '18\n');
    truncateSync(file, 2 ** 26);
    expect(readForeignFile(file)?.length).toBe(4096);
  });

  test('is found through links on the way', () => {
    mkdirSync(join(directory, 'real'));
    writeFileSync(join(directory, 'real/file'), '18\n');
    symlinkSync('real', join(directory, 'link'));
    expect(readForeignFile(join(directory, 'link/file'))).toBe('18\n');
  });
});

describe('a data directory', () => {
  let data: string;
  let server: FakeServer;
  beforeEach(async () => {
    data = createDataDirectory();
    server = await startFakeServer(data);
  });
  afterEach(async () => {
    await server.stop();
    removeDataDirectory(data);
  });

  test.each(['PG_VERSION', 'postmaster.pid'])('whose %s is a pipe has no server', (name) => {
    expect(postmasterOf(server.pid)?.pid).toBe(server.pid);
    putPipe(join(data, name), String(server.pid));
    expect(postmasterOf(server.pid)).toBeUndefined();
    expect(() => postmasterByPid(server.pid)).toThrow('is not a PostgreSQL server');
    expect(() => postmasterByDataDirectory(data)).toThrow('no PostgreSQL server runs in');
  });

  test.each(['PG_VERSION', 'postmaster.pid'])('whose %s is a link has no server', (name) => {
    const path = join(data, name);
    writeFileSync(join(data, 'elsewhere'), `${server.pid}\n`);
    rmSync(path);
    symlinkSync('elsewhere', path);
    expect(postmasterOf(server.pid)).toBeUndefined();
  });

  test('whose postmaster.pid has been made huge still has its server', () => {
    truncateSync(join(data, 'postmaster.pid'), 2 ** 26);
    expect(postmasterOf(server.pid)?.pid).toBe(server.pid);
  });
});
