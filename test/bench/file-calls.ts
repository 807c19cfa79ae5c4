/**
 * What pgscope adds to a system call: `test/typescript.js test/bench/file-calls.ts`, as root, after `make build`. Rounds without and with
 * a capture take turns, as the machine's speed drifts; both parts of a pair see about the same. Prints a table for docs/cost.md.
 */
import { readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../agent/package.js';
import { type Server, startServer, stopServers } from '../servers.js';
import { Recording } from '../tracer.js';
import { spreadOf } from './statistics.js';

const ROUNDS = Number(process.env.ROUNDS ?? 12);
const LIBRARY = join(packageRoot(), 'build/bench/file_loop.so');
const PROGRAM = join(packageRoot(), 'build/bench/file_loop');

/** ns per call. */
type Times = Record<'pread' | 'getppid', number>;
type Who = 'a backend' | 'another process';

const measure: Record<Who, (server: Server) => Promise<Times>> = {
  'a backend': async (server) => {
    const file = join(server.dataDirectory, 'file_loop.out');
    rmSync(file, { force: true });
    await server.sql(`load '${LIBRARY}'`).catch(() => {});
    return JSON.parse(readFileSync(file, 'utf8')) as Times;
  },
  'another process': async () => JSON.parse((await execa(PROGRAM, ['/etc/passwd'])).stdout) as Times,
};

try {
  const server = await startServer({ build: 'd15', settings: { autovacuum: 'off' } });
  const added: Record<Who, Record<keyof Times, number[]>> = {
    'a backend': { pread: [], getppid: [] },
    'another process': { pread: [], getppid: [] },
  };
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) await pair(server, added, bare);
  console.log(`Linux ${release()}, a pread without pgscope: ${Math.round(spreadOf(bare).median)} ns`);
  for (const [who, { pread, getppid }] of Object.entries(added))
    console.log(`| ${who} | ${shown(pread)} | ${shown(getppid)} |`);
} finally {
  await stopServers();
}

async function pair(server: Server, added: Record<Who, Record<keyof Times, number[]>>, bare: number[]): Promise<void> {
  const without = {
    'a backend': await measure['a backend'](server),
    'another process': await measure['another process'](server),
  };
  const recording = await Recording.start();
  await recording.attach(server, { level: 'phases' }); // at which they are counted on every kernel
  for (const who of Object.keys(added) as Who[]) {
    const times = await measure[who](server);
    for (const call of ['pread', 'getppid'] as const) added[who][call].push(times[call] - without[who][call]);
  }
  bare.push(without['another process'].pread);
  await recording.stop();
}

function shown(values: readonly number[]): string {
  const { lower, median, upper } = spreadOf(values);
  return `${signed(median)} ns (${signed(lower)} … ${signed(upper)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(Math.round(value))}`;
}
