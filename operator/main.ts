/** The process of the operator's image: signals, streams and exit code around operator/run.ts. */
import { run } from './run.js';

const stop = new AbortController();
let signals = 0;

/** The first signal stops in order, within some ten seconds; a second one ends the process at once. */
function onSignal(_signal: NodeJS.Signals, number: number): void {
  signals += 1;
  if (signals > 1) process.exit(128 + number);
  stop.abort();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);

// Nobody reads the log any more: work goes on.
process.stderr.on('error', () => {});
process.stdout.on('error', () => {});

const { stdout, stderr, env } = process;
process.exit(await run(process.argv.slice(2), { stdout, stderr, env, signal: stop.signal }));
