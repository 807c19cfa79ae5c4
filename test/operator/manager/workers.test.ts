/** Workers and the rest of the process. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLog } from '../../../operator/log.js';
import { runWorkers } from '../../../operator/manager/workers.js';
import { createMetrics } from '../../../operator/metrics.js';
import { createWorkQueue } from '../../../operator/queue.js';
import { startTraces } from '../../../operator/traces.js';

test('a full queue of keys with nothing to write leaves turns for timers and connections', async () => {
  const queue = createWorkQueue();
  for (let key = 0; key < 100; key += 1) queue.add(String(key));
  const stop = new AbortController();
  const controller = { name: 'test', reconcile: async () => undefined };
  const options = {
    ...{ controller, queue, count: 4, limitMs: 1_000, metrics: createMetrics({ processMetrics: false }) },
    ...{ traces: await startTraces({}, createLog({ write: () => {} })), log: createLog({ write: () => {} }) },
  };
  const ended = runWorkers(options, stop.signal, new AbortController().signal);
  let turns = 0;
  while (queue.depth > 0) {
    await nextTurn();
    turns += 1;
  }
  stop.abort();
  await ended;
  expect(turns).toBeGreaterThan(10);
});
