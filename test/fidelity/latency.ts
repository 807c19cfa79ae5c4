/** One statement many times over one connection: what the client measures, what the tracer tells, and what the socket takes. */
import { execFileSync } from 'node:child_process';
import { expect } from '@jest/globals';
import type { Bench } from '../fidelity.js';
import { frames, sqlstatesOf, type Wire } from '../servers/wire.js';
import { statementRows, sumRows } from './statistics.js';

const ROUNDS = 5;
const TIMES = 40;

/** ns, medians over all executions of a round: none is left out. */
export interface Round {
  /** The server's time, relative to the client's less the socket's, of each execution. */
  ratio: number;
  /** The server's time less that of the client without the socket's. */
  error: number;
}

/** `framesOf` makes the message cycle of a text; that of an empty one, sent in turn, tells what the socket takes. */
export async function compareTimes(
  bench: Bench,
  text: string,
  framesOf: (text: string) => Uint8Array[],
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const client: number[] = [];
    const socket: number[] = [];
    await bench.session(async (wire) => {
      const restore = runFirst(wire);
      try {
        expect(sqlstatesOf(await wire.run(...framesOf(text)))).toEqual([]); // the first one fills caches
        await wire.run(...framesOf('')); // answered when the backend is through with the message before
        await bench.reset();
        for (let i = 0; i < TIMES; i++) {
          client.push(await timed(() => wire.run(...framesOf(text))));
          await wire.run(...framesOf('')); // frees the unnamed statement's plan, which takes longer than a socket
          socket.push(await timed(() => wire.run(...framesOf(''))));
        }
      } finally {
        restore();
      }
    });
    await bench.recording.drain();
    const server = bench.recording.statements.filter((event) => event.text === text);
    expect(server).toHaveLength(TIMES);
    rounds.push(
      compare(
        server.map(({ durationNs }) => durationNs),
        client,
        median(socket),
      ),
    );
  }
  return rounds;
}

function compare(server: number[], client: number[], socket: number): Round {
  const less = client.map((latency) => latency - socket);
  return {
    ratio: median(server.map((ns, i) => ns / (less[i] ?? Number.NaN))),
    error: median(server.map((ns, i) => ns - (less[i] ?? Number.NaN))),
  };
}

/** Which part of the server's time of a statement is its execution, which pg_stat_statements measures: without plan and commit. */
export async function shareOfExecution(bench: Bench, text: string, marker: string): Promise<number> {
  await bench.session(async (wire) => {
    await wire.run(frames.query(text));
    await bench.reset();
    for (let i = 0; i < TIMES; i++) await wire.run(frames.query(text));
  });
  const ours = await bench.recording.totals(marker);
  const theirs = sumRows((await statementRows(bench.server)).filter(({ query }) => query.includes(marker)));
  expect([ours.calls, theirs.calls]).toEqual([TIMES, TIMES]);
  return (theirs.columns.execution_ns ?? Number.NaN) / ours.counter('durationNs');
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began);
}

/**
 * With other work on the machine, client and backend would wait for a CPU, and longer behind a statement that used one than behind an
 * empty one: that would look like time of the socket. Ahead of all other processes they do not wait.
 */
function runFirst({ processId }: Wire): () => void {
  schedule('--fifo', 1, processId);
  schedule('--fifo', 1, process.pid);
  return () => schedule('--other', 0, process.pid);
}

function schedule(policy: string, priority: number, pid: number): void {
  execFileSync('chrt', [policy, '--pid', String(priority), String(pid)]);
}
