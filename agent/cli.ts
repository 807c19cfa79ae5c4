/** The process `pgscope`: signals, streams and exit code around agent/cli/main.ts. */

import { main } from './cli/main.js';

const stop = new AbortController();
let signals = 0;

/** The first signal ends the command in order; a second one ends the process, and with it the tracer. */
function onSignal(_signal: NodeJS.Signals, number: number): void {
  signals += 1;
  if (signals > 1) process.exit(128 + number);
  stop.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

// Whoever reads our results has gone (`pgscope report | head`): there is nothing left to do. Without log lines work goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => {});

const { stdout, stderr, env } = process;
const exitCode = await main(process.argv.slice(2), { stdout, stderr, env, signal: stop.signal });
await new Promise<void>((resolve) => stdout.write('', () => resolve()));
process.exit(exitCode);
