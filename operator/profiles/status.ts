/** The status of a profile, folded from all that is known about it. Pure: the same situation gives the same status. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import { twoDigits } from '../../api/two-digits.js';
import { asCondition, CONDITION_TYPES } from './condition.js';
import { findings } from './findings.js';
import { isActive, isSettled, type Situation } from './situation.js';
import type { NodeReport } from './targets.js';

export function profileStatus(situation: Situation): PostgresProfileStatus {
  const { profile, life, nowMs } = situation;
  const { generation } = profile.metadata;
  const found = findings(situation);
  return {
    observedGeneration: generation,
    ...(life.startedAt && { startedAt: life.startedAt }),
    ...(life.expiresAt && { expiresAt: life.expiresAt }),
    targets: targetCounts(situation),
    nodes: nodeCounts(situation),
    lostEvents: twoDigits(Math.max(situation.lostEvents, profile.status.lostEvents ?? 0)),
    conditions: CONDITION_TYPES.map((type) => {
      const before = profile.status.conditions?.find((condition) => condition.type === type);
      return asCondition(type, found[type], { before, generation, nowMs });
    }),
  };
}

/**
 * While nothing is captured nobody looks into the containers, so the number of servers is the last one known, as far as containers of
 * the selected pods are still there.
 */
function targetCounts(situation: Situation): { matched: number; attached: number } {
  if (isActive(situation)) {
    const targets = situation.reports.flatMap((report) => report.targets);
    return { matched: targets.length, attached: targets.filter(({ state }) => state === 'Attached').length };
  }
  const selected = situation.selection?.candidates.length ?? 0;
  return { matched: Math.min(situation.profile.status.targets?.matched || selected, selected), attached: 0 };
}

function nodeCounts(situation: Situation): { desired: number; ready: number } {
  const nodes = new Set(situation.selection?.candidates.map(({ nodeName }) => nodeName));
  const settled = isSettled(situation);
  return { desired: nodes.size, ready: situation.reports.filter((report) => isReady(report, settled)).length };
}

function isReady({ agentReady, current, targets }: NodeReport, settled: boolean): boolean {
  return agentReady && (current || settled) && targets.length > 0 && targets.every(({ state }) => state === 'Attached');
}
