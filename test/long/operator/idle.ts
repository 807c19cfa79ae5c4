/** What the operator does while nothing changes. */
import { expect } from '@jest/globals';
import { cpuNs } from '../../bench/processor.js';
import type { Administrator } from '../administrator.js';
import { until } from '../until.js';
import type { OperatorPod } from './pod.js';
import { sent, writesSeen } from './requests.js';

/** Longer than the operator may hold a status back. */
const QUIET_MS = 35_000;
/** Of the API server's resources those that the operator could write. */
const WRITTEN = ['nodeprofiles', 'postgresprofiles', 'postgresprofiles/status', 'nodes', 'events'];

/** Until the last status that was held back is written. */
export async function quiet(operator: OperatorPod): Promise<void> {
  let before = -1;
  await until('no write for a while', { limitMs: 10 * QUIET_MS, pauseMs: QUIET_MS }, async () => {
    const { writes } = sent((await operator.page('/metrics')).text);
    const isQuiet = writes === before;
    before = writes;
    return isQuiet || `${writes} writes`;
  });
}

/** CPU time in percent of a core while `others` do what concerns no profile; fails if the operator writes anything but its Lease. */
export async function idle(
  operator: OperatorPod,
  administrator: Administrator,
  others: () => Promise<unknown>,
): Promise<number> {
  const look = async () => ({
    sent: sent((await operator.page('/metrics')).text),
    seen: writesSeen(await administrator.ask('GET', '/metrics')),
  });
  const before = await look();
  const [cpu, began] = [cpuNs(operator.pid), performance.now()];
  await others();
  const elapsedMs = performance.now() - began;
  const percent = (100 * (cpuNs(operator.pid) - cpu)) / (elapsedMs * 1e6);
  const after = await look();
  expect(after.sent.writes - before.sent.writes).toBe(0);
  // Every two seconds, as long as each gets its answer.
  expect(after.sent.renewals - before.sent.renewals).toBeLessThanOrEqual(elapsedMs / 1_000);
  for (const kind of WRITTEN) expect([kind, after.seen[kind]]).toEqual([kind, before.seen[kind]]);
  return percent;
}
