/** ProgramsRunning: the lowest common state of the profile's trace programs on all nodes, as their agents say. */
import type { ProgramState } from '../../../api/node-profile.js';
import { counted, examples, type Finding, fails, holds, unknown } from '../condition.js';
import { isActive, isSettled, type Situation, specOf } from '../situation.js';
import type { NodeReport } from '../targets.js';
import { agentNotReady } from './agent-not-ready.js';

/** How far one program got on one node. */
interface ProgramOutcome {
  program: string;
  nodeName: string;
  state: ProgramState;
  reason: string;
  message: string;
}

export function programsRunning(situation: Situation): Finding {
  const { life, suspended, acceptance } = situation;
  const asked = specOf(situation)?.programs.map(({ name }) => name) ?? [];
  if (acceptance.accepted && asked.length === 0) return holds('NoPrograms', 'The profile names no programs.');
  if (life.completed) return fails('Completed', 'The duration is over; no program runs any more.');
  if (!acceptance.accepted) return unknown('NotAccepted', 'No program runs until the spec is accepted.');
  if (suspended || !isActive(situation)) return fails('Suspended', 'No program runs while spec.suspend is true.');
  const reports = situation.reports.filter(hasServer);
  if (reports.length === 0) return unknown('NoTargets', 'There is nothing to run a program for.');
  const outcomes = asked.flatMap((program) => reports.filter(({ agentReady }) => agentReady).map(progressOf(program)));
  return (
    failed(outcomes) ??
    agentNotReady(reports.flatMap(({ targets }) => targets)) ??
    pending(outcomes) ??
    running(situation, outcomes)
  );
}

/** What runs no PostgreSQL is a matter of TargetsResolved. */
function hasServer({ targets }: NodeReport): boolean {
  return targets.some(({ state }) => state !== 'NoPostgres');
}

function progressOf(program: string): (report: NodeReport) => ProgramOutcome {
  return ({ nodeName, stored }) => {
    const row = stored?.status.programs?.find(({ name }) => name === program);
    if (row === undefined) {
      return { program, nodeName, state: 'Pending', reason: 'Pending', message: 'the agent has not looked at it yet' };
    }
    const { state, reason, message = '' } = row;
    return { program, nodeName, state, reason, message };
  };
}

function failed(outcomes: ProgramOutcome[]): Finding | undefined {
  const found = outcomes.filter(({ state }) => state === 'Failed');
  return found[0] && fails(found[0].reason, `${share(found, outcomes)} cannot be run: ${listed(found)}`);
}

function pending(outcomes: ProgramOutcome[]): Finding | undefined {
  const found = outcomes.filter(({ state }) => state === 'Pending');
  return found[0] && fails('Pending', `${share(found, outcomes)} not running yet: ${listed(found)}`);
}

function running(situation: Situation, outcomes: ProgramOutcome[]): Finding {
  if (!isSettled(situation)) {
    const late = situation.reports.filter(({ current }) => !current).map(({ nodeName }) => nodeName);
    return fails('Pending', `The agent of node ${examples(late, ', ')} has not taken up the present spec yet.`);
  }
  const total = counted(names(outcomes).length, 'program');
  const done = outcomes.filter(({ state }) => state === 'Done');
  if (done.length === 0) return holds('ProgramsRunning', `${total} running.`);
  const left = names(outcomes).length - names(done).length;
  return holds('ProgramsRunning', `${left} of ${total} running, the rest has ended by itself: ${listed(done)}`);
}

function share(found: ProgramOutcome[], outcomes: ProgramOutcome[]): string {
  return `${names(found).length} of ${counted(names(outcomes).length, 'program')}`;
}

function names(outcomes: ProgramOutcome[]): string[] {
  return [...new Set(outcomes.map(({ program }) => program))];
}

/** By programs: one that is wrong is wrong on every node, and the agent of the first one tells why. */
function listed(found: ProgramOutcome[]): string {
  const texts = [...Map.groupBy(found, ({ program }) => program)].map(([program, list]) => {
    const nodes = examples(
      list.map(({ nodeName }) => nodeName),
      ', ',
    );
    const [first] = list;
    return `program ${program}, node ${nodes}: ${(first?.message || first?.reason || '').replace(/\.$/, '')}`;
  });
  return `${examples(texts)}.`;
}
