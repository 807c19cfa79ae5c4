/** ProbesAttached: the lowest common state of all targets. */
import { counted, examples, type Finding, fails, holds, unknown } from '../condition.js';
import { isActive, isSettled, type Situation } from '../situation.js';
import type { TargetOutcome } from '../targets.js';
import { agentNotReady } from './agent-not-ready.js';

export function probesAttached(situation: Situation): Finding {
  const { life, suspended, acceptance } = situation;
  if (life.completed) return fails('Completed', 'The duration is over; everything is detached.');
  if (!acceptance.accepted) return unknown('NotAccepted', 'Nothing is attached until the spec is accepted.');
  if (suspended || !isActive(situation))
    return fails('Suspended', 'Everything is detached while spec.suspend is true.');
  // What runs no PostgreSQL is a matter of TargetsResolved.
  const targets = situation.reports.flatMap((report) => report.targets).filter(({ state }) => state !== 'NoPostgres');
  if (targets.length === 0) return unknown('NoTargets', 'There is nothing to attach to.');
  return (
    failed(targets) ?? agentNotReady(targets) ?? detached(targets) ?? pending(targets) ?? attached(situation, targets)
  );
}

function failed(targets: TargetOutcome[]): Finding | undefined {
  const found = targets.filter(({ state }) => state === 'Failed');
  return found[0] && fails(found[0].reason, `${share(found, targets)} cannot be profiled: ${listed(found)}`);
}

function detached(targets: TargetOutcome[]): Finding | undefined {
  const found = targets.filter(({ state }) => state === 'Detached');
  return found[0] && fails(found[0].reason, `${share(found, targets)} detached: ${listed(found)}`);
}

function pending(targets: TargetOutcome[]): Finding | undefined {
  const found = targets.filter(({ state }) => state === 'Pending');
  return found[0] && fails('Pending', `${share(found, targets)} not attached yet: ${listed(found)}`);
}

function attached(situation: Situation, targets: TargetOutcome[]): Finding {
  if (isSettled(situation)) return holds('Attached', `${counted(targets.length, 'server')} attached.`);
  const late = situation.reports.filter(({ current }) => !current).map(({ nodeName }) => nodeName);
  return fails('Pending', `The agent of node ${examples(late, ', ')} has not taken up the present spec yet.`);
}

function share(found: TargetOutcome[], targets: TargetOutcome[]): string {
  return `${found.length} of ${counted(targets.length, 'server')}`;
}

function listed(found: TargetOutcome[]): string {
  const texts = found.map(({ target, reason, message }) => {
    return `pod ${target.podName}, container ${target.container}: ${(message || reason).replace(/\.$/, '')}`;
  });
  return `${examples(texts)}.`;
}
