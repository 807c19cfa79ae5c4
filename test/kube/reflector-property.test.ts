/** Any sequence of changes and faults ends in the server's state, and no change is told that was none. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { waitUntil } from '../servers/wait.js';
import type { Fault } from './api-server/faults.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { createFastClock } from './clocks.js';
import { LIMIT_MS, reflectPods } from './pod-reflector.js';

/** Fast, so that pauses of 30 s cost little; time limits of minutes still stay far above what a slow machine needs. */
const clock = createFastClock(200);
const RUNS = 40;

const status = fc
  .constantFrom(401, 410, 429, 500, 503)
  .map((code): Fault => ({ kind: 'status', code, ...(code === 410 && { reason: 'Expired' }) }));
const listFault = fc.oneof(status, fc.constantFrom<Fault>({ kind: 'reset' }, { kind: 'cut' }, { kind: 'noise' }));
const watchFault = fc.oneof(
  listFault,
  fc.constantFrom<Fault>(
    { kind: 'errorEvent', code: 410, reason: 'Expired' },
    { kind: 'errorEvent', code: 500, reason: 'InternalError' },
    { kind: 'cutLine' },
    { kind: 'noiseLine' },
    { kind: 'pieces' },
    { kind: 'resetAfterEvent' },
    { kind: 'end' },
    { kind: 'twice' },
    { kind: 'swapped' },
    { kind: 'repeats' },
  ),
);
const name = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('put', 'remove', 'recreate'), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('compact', 'bookmark', 'end', 'break', 'wait') }) },
);

type Step = { do: string; name?: string };

test('any sequence of changes and faults', async () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): unknown => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.option(listFault, { nil: undefined }), { maxLength: 4 }),
        fc.array(fc.option(watchFault, { nil: undefined }), { maxLength: 6 }),
        run,
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(rejections).toEqual([]);
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}, 300_000);

async function run(steps: Step[], list: (Fault | undefined)[], watch: (Fault | undefined)[]): Promise<void> {
  const server = await startApiServer({ clock });
  const bound = 10 + 3 * (steps.length + list.length + watch.length);
  server.faults.list.push(...list);
  server.faults.watch.push(...watch);
  server.pods.put('a');
  const pods = reflectPods(server, { clock, pageSize: 2 });
  try {
    for (const one of steps) await act(server, one);
    for (const stream of server.streams) stream.flush();
    await pods.settle();
    expect(pods.replayed()).toEqual(server.pods.summary());
    expect(pods.faults).toEqual([]);
    expect(server.requests.length).toBeLessThanOrEqual(bound);
  } finally {
    await pods.stop();
    expect(await waitUntil(() => server.connections === 0, LIMIT_MS)).toBe(true);
    await server.down();
  }
}

async function act(server: ApiServer, { do: what, name: pod = 'a' }: Step): Promise<void> {
  const actions: Record<string, () => unknown> = {
    put: () => server.pods.put(pod, '€'),
    remove: () => server.pods.remove(pod),
    recreate: () => {
      server.pods.remove(pod);
      server.pods.put(pod);
    },
    compact: () => server.pods.compact(),
    bookmark: () => server.bookmark(),
    end: () => server.endWatches(),
    break: () => server.endWatches(true),
    wait: () => new Promise((resolve) => setTimeout(resolve, 5)),
  };
  await actions[what]?.();
}
