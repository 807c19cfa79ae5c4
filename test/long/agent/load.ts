/** A hundred different queries on each of several servers, at a steady rate, by pgbench. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hundredQueries } from '../../bench/workloads.js';
import type { Server } from '../../servers.js';

export interface Load {
  /** pgbench's complaints, if any has ended before its time. */
  readonly failures: string[];
  /** To be called when the servers have stopped, which ends pgbench. */
  ended(): Promise<void>;
}

/** `perSecond`: statements on each server. It ends with the servers, or after `seconds`. */
export async function startLoad(servers: Server[], perSecond: number, seconds: number): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'pgscope-load-'));
  const scripts = hundredQueries().map(async (text, number) => {
    const file = join(folder, `${number}.sql`);
    await writeFile(file, text);
    return `--file=${file}`;
  });
  const files = await Promise.all(scripts);
  for (const server of servers) await server.pgbench(['--initialize', '--scale=1', '--quiet']);
  const options = ['--no-vacuum', '--protocol=prepared', '--client=1', `--rate=${perSecond}`, `--time=${seconds}`];
  const failures: string[] = [];
  const running = servers.map((server) =>
    server.pgbench([...options, ...files]).catch((error: Error) => failures.push(error.message)),
  );
  return {
    failures,
    async ended() {
      await Promise.all(running);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
