/** What the agent says about a NodeProfile: a row for each target, what was lost, conditions. Pure functions. */

import type { Condition } from '../../api/condition.js';
import type {
  NodeProfileSpec,
  NodeProfileStatus,
  NodeProfileTarget,
  ProgramRow,
  TargetRow,
} from '../../api/node-profile.js';
import { twoDigits } from '../../api/two-digits.js';
import type { ContainerView } from './capture.js';
import { type ExportHealth, exportingCondition } from './export-health.js';
import { keyOfTarget, type Plan, type Refusal } from './plan.js';
import type { NodeProfile } from './profiles.js';
import type { TracerState } from './tracer-holder.js';

export interface StatusFacts {
  refusal: Refusal | undefined;
  tracer: TracerState;
  /** Of the container of this placeKey. */
  view(container: string): ContainerView;
  targets: Plan['targets'];
  programs: readonly ProgramRow[];
  /** Of the profile's destination; undefined if there is none of this name. */
  health: ExportHealth | undefined;
  lostEvents: number;
}

/** A condition before it is known when it last changed. */
export type Judgement = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/** Conditions keep the time of their last change from `before`. */
export function statusOf(
  profile: NodeProfile,
  facts: StatusFacts,
  before: readonly Condition[],
  now: Date,
): NodeProfileStatus {
  const { reading, metadata } = profile;
  const rows = reading.ok ? reading.spec.targets.map((target) => rowOf(target, facts)) : [];
  const exporting = exportingCondition(facts.health, facts.refusal);
  const ready = readyCondition({
    rows,
    exporting,
    refusal: facts.refusal,
    programs: facts.programs,
    spec: reading.ok ? reading.spec : undefined,
  });
  return {
    observedGeneration: metadata.generation,
    targets: rows,
    // A merge patch takes a field away by null alone; an empty list is as good.
    programs: [...facts.programs],
    lostEvents: twoDigits(facts.lostEvents),
    conditions: [ready, exporting].map((condition) => {
      const last = before.find(({ type }) => type === condition.type);
      const lastTransitionTime = last?.status === condition.status ? last.lastTransitionTime : now.toISOString();
      return { ...condition, observedGeneration: metadata.generation, lastTransitionTime };
    }),
  };
}

export function rowOf(target: NodeProfileTarget, facts: StatusFacts): TargetRow {
  const { containerID } = target;
  const { refusal, tracer, targets } = facts;
  const key = keyOfTarget(target);
  const { sight, pid, servers, refusals } = facts.view(key);
  const row = (state: TargetRow['state'], reason: string, message = ''): TargetRow => ({
    containerID,
    state,
    reason,
    message,
    ...(pid !== undefined && { pid }),
  });
  if (sight === 'foreign') return row('Failed', 'ForeignContainer', FOREIGN);
  // Whatever keeps servers from being captured does not concern a container without one.
  if (sight === 'processes')
    return row('NoPostgres', 'NoPostmaster', 'no PostgreSQL server runs in this container (yet)');
  if (refusal !== undefined) return row(refusal.state, refusal.reason, refusal.message);
  if (tracer.kind === 'failed') return row('Failed', tracer.reason, tracer.message);
  if (tracer.kind === 'starting') return row('Pending', 'TracerStarting', 'the tracer is being started');
  if (tracer.kind === 'restarting')
    return row(
      'Pending',
      'TracerRestarting',
      'the tracer has died and is being started again; what it had not told is lost',
    );
  const [first, ...others] = servers;
  const refused = refusals.map(({ message }) => message);
  if (first !== undefined) {
    const more =
      others.length === 0 ? [] : [`${servers.length} servers in this container are profiled; this is the first`];
    const unverified = first.verified
      ? []
      : [`PostgreSQL ${first.version} is newer than what this version was tested with`];
    return {
      ...row('Attached', 'Attached', [...more, ...unverified, ...refused].join('; ').slice(0, 2048)),
      pid: first.pid,
      serverVersion: first.version,
      level: targets.get(key)?.tracer.level,
      attachedAt: first.attachedAt.toISOString(),
    };
  }
  const [refusedFirst] = refusals;
  if (refusedFirst !== undefined) return row('Failed', refusedFirst.reason, refused.join('; ').slice(0, 2048));
  if (sight === 'postmaster') return row('Pending', 'Attaching', 'a server was found and is being attached');
  return row('Pending', 'ContainerNotFound', 'no process of this container was found on the node (yet)');
}

/** It does not say whose the container is: that is not for the eyes of who has named it. */
const FOREIGN =
  "the container that the pod's status names is not in this pod's cgroup on the node, so it is left alone; only the kubelet should write " +
  'the status of pods (and it has to run with --cgroups-per-qos, which is its default)';

interface ReadyFacts {
  rows: readonly TargetRow[];
  programs: readonly ProgramRow[];
  exporting: Judgement;
  refusal: Refusal | undefined;
  spec: NodeProfileSpec | undefined;
}

/** The first thing that is not good, or that all is. */
function readyCondition({ rows, programs, exporting, refusal, spec }: ReadyFacts): Judgement {
  const not = (reason: string, message: string): Judgement => ({ type: 'Ready', status: 'False', reason, message });
  if (refusal !== undefined) return not(refusal.reason, refusal.message);
  const bad = rows.find((row) => !isFine(row, rows, spec));
  if (bad !== undefined) {
    const pod = spec?.targets.find(({ containerID }) => containerID === bad.containerID);
    return not(bad.reason, `${pod?.podName}/${pod?.container}: ${bad.message}`);
  }
  // As in the PostgresProfile: what nobody has taken yet is not known to arrive.
  if (exporting.status !== 'True') return { ...exporting, type: 'Ready' };
  const broken =
    programs.find(({ state }) => state === 'Failed') ??
    programs.find(({ state, reason }) => state === 'Pending' && reason !== 'NoTargets');
  if (broken !== undefined) return not(broken.reason, `program ${broken.name}: ${broken.message}`);
  return { type: 'Ready', status: 'True', reason: 'Profiling', message: `${rows.filter(isAttached).length} attached` };
}

/** A container beside a server's in the same pod needs no server. */
function isFine(row: TargetRow, rows: readonly TargetRow[], spec: NodeProfileSpec | undefined): boolean {
  if (row.state !== 'NoPostgres') return isAttached(row);
  const podOf = (id: string) => spec?.targets.find(({ containerID }) => containerID === id)?.podUID;
  return rows.some((other) => isAttached(other) && podOf(other.containerID) === podOf(row.containerID));
}

function isAttached({ state }: TargetRow): boolean {
  return state === 'Attached';
}
