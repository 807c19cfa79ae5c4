import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Place } from '../../../agent/containers/cgroup.js';
import { createContainerProcesses } from '../../../agent/containers/processes.js';

const POD = '3f2b1c4d-0000-4000-8000-1234567890ab';
const [A, B] = ['a', 'b'].map((digit) => ({ id: digit.repeat(64), podUID: POD })) as [Place, Place];
const MINUTE = 60_000;

let proc: string;
let clockMs: number;
beforeEach(() => {
  clockMs = 0;
  proc = mkdtempSync(join(tmpdir(), 'pgscope-proc-'));
  writeFileSync(join(proc, 'uptime'), '1 1\n');
});
afterEach(() => rmSync(proc, { recursive: true }));

const start = (pid: number, path: string) => {
  mkdirSync(join(proc, String(pid)), { recursive: true });
  writeFileSync(join(proc, String(pid), 'cgroup'), `0::${path}\n`);
};
const inCgroup = ({ id, podUID }: Place) => `/kubepods/pod${podUID}/${id}`;
const end = (pid: number) => rmSync(join(proc, String(pid)), { recursive: true });
const table = () => createContainerProcesses({ proc, now: () => clockMs });

test('processes are found under their containers, and gone ones are not', () => {
  start(1, '/init.scope');
  start(30, inCgroup(A));
  start(7, inCgroup(A));
  start(8, inCgroup(B));
  const processes = table();
  expect(processes.of(A)).toEqual([]);
  processes.scan();
  expect([processes.of(A), processes.of(B)]).toEqual([[7, 30], [8]]);
  end(7);
  processes.scan();
  expect(processes.of(A)).toEqual([30]);
});

test("a container's ID in another pod's name finds nothing, in either spelling of the UID", () => {
  const other = { ...A, podUID: POD.replace('3', '4') };
  start(7, `/kubepods.slice/kubepods-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${A.id}.scope`);
  const processes = table();
  processes.scan();
  expect([processes.of(A), processes.isElsewhere(A)]).toEqual([[7], false]);
  expect([processes.of(other), processes.isElsewhere(other)]).toEqual([[], true]);
  expect([processes.of(B), processes.isElsewhere(B)]).toEqual([[], false]);
  end(7);
  processes.scan();
  expect(processes.isElsewhere(other)).toBe(false);
});

test('a process that its runtime moves into the container after the fork is found', () => {
  start(7, '/system.slice/containerd.service');
  const processes = table();
  processes.scan();
  start(7, inCgroup(A));
  clockMs += 1000;
  processes.scan();
  expect(processes.of(A)).toEqual([7]);
});

test('a process that is known for long is not looked at in each scan, but again and again', () => {
  start(7, inCgroup(A));
  const processes = table();
  for (; clockMs < MINUTE; clockMs += 1000) processes.scan();
  renameSync(join(proc, '7/cgroup'), join(proc, '7/hidden'));
  let lookedAfter = 0;
  for (; lookedAfter < MINUTE && processes.of(A).length > 0; lookedAfter += 1000) {
    clockMs += 1000;
    processes.scan();
  }
  expect(lookedAfter).toBeGreaterThan(1000);
  expect(lookedAfter).toBeLessThanOrEqual(MINUTE / 2);
});
