/** What is to be said about a profile, condition by condition; Ready is the first of them that is not good. */
import { type ConditionType, type Finding, fails, holds } from './condition.js';
import { exporting } from './findings/exporting.js';
import { probesAttached } from './findings/probes-attached.js';
import { programsRunning } from './findings/programs-running.js';
import { targetsResolved } from './findings/targets-resolved.js';
import type { Situation } from './situation.js';

export type Findings = Record<ConditionType, Finding>;

export function findings(situation: Situation): Findings {
  const parts = {
    Accepted: accepted(situation),
    TargetsResolved: targetsResolved(situation),
    ProbesAttached: probesAttached(situation),
    Exporting: exporting(situation),
    ProgramsRunning: programsRunning(situation),
  };
  return { Ready: ready(situation, Object.values(parts)), ...parts, Completed: completed(situation) };
}

function accepted({ acceptance }: Situation): Finding {
  return acceptance.accepted
    ? holds('Valid', 'The spec is valid and allowed here.')
    : fails(acceptance.reason, acceptance.message);
}

function completed({ life, acceptance }: Situation): Finding {
  if (life.completed) {
    const message = 'The duration is over and everything is detached. To capture again, delete and create the profile.';
    return holds('Expired', message);
  }
  if (life.expiresAt !== undefined) return fails('Running', `Captures until ${life.expiresAt}.`);
  const limited = acceptance.accepted && acceptance.spec.duration !== undefined;
  return fails(
    'Running',
    limited ? 'The duration begins with the first attached server.' : 'Captures until the profile is deleted.',
  );
}

function ready(situation: Situation, parts: Finding[]): Finding {
  if (situation.life.completed) return fails('Completed', completed(situation).message);
  const [acceptance] = parts;
  if (acceptance?.status === 'True' && situation.suspended) {
    return fails('Suspended', 'Everything is detached; set spec.suspend to false to go on.');
  }
  const flaw = parts.find(({ status }) => status !== 'True');
  return flaw ?? holds('Profiling', 'Every server is being profiled, and its telemetry is exported.');
}
