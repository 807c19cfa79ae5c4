import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { bareProgram, startProgram } from '../../../agent/programs.js';

const directory = mkdtempSync(join(tmpdir(), 'pgscope-run-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What the real bpftrace cannot be made to do at will: it attaches when its time is over, while it is being ended. */
function lateBpftrace(): string {
  const path = join(directory, 'bpftrace');
  const script = `#!/bin/sh
trap 'echo "{\\"type\\": \\"attached_probes\\", \\"data\\": {\\"probes\\": 2}}"; exit 0' INT
while :; do sleep 0.01; done
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

test('a program that is not attached in its time has failed, whatever is said of it later', async () => {
  const states: string[] = [];
  const run = startProgram({
    program: bareProgram('own', 'tracepoint:syscalls:sys_enter_openat /PGSCOPE_TARGET/ { @opened = count(); }'),
    args: {},
    pid: process.pid,
    processes: { postmaster: process.pid },
    intervalMs: 1000,
    describe: (text) => ({ summary: text, text }),
    queryText: 'normalized',
    bpftrace: lateBpftrace(),
    env: process.env,
    onEvent: () => {},
    onLine: () => {},
    onMap: () => {},
    onState: (state) => states.push(state),
    startLimitMs: 500,
  });
  await run.over;
  expect(states).toEqual(['Failed']);
  expect(run).toMatchObject({ state: 'Failed', message: 'bpftrace has not attached it within 0.5 s' });
  await run.stop();
  expect(run.state).toBe('Failed');
});
