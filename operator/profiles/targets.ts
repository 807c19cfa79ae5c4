/** How far each target got: what the agents reported, as far as it counts, for every container that was asked for. */
import type { NodeProfileTarget, TargetRow, TargetState } from '../../api/node-profile.js';
import type { AgentPod, NodeObject, NodeProfileObject } from '../views.js';
import type { DesiredNodeProfile } from './node-profiles.js';

export interface TargetOutcome {
  target: NodeProfileTarget;
  nodeName: string;
  /** AgentNotReady: nothing is known, since nobody on the node can tell. */
  state: TargetState | 'AgentNotReady';
  reason: string;
  message: string;
  /** Whether its agent has seen a postmaster in it. */
  hasPostmaster: boolean;
}

/** One node's share and what its agent made of it. */
export interface NodeReport {
  nodeName: string;
  /** As it is stored; undefined before that. */
  stored?: NodeProfileObject;
  /** Whether the agent's pod is ready, so that its report counts. */
  agentReady: boolean;
  /** Whether that pod's trouble does not pass by itself. */
  agentFailing: boolean;
  /** Whether the agent has answered to the NodeProfile as it is now. */
  current: boolean;
  /** Only those that count: no container beside the postmaster's. */
  targets: TargetOutcome[];
}

export interface ReportInput {
  desired: readonly DesiredNodeProfile[];
  /** The stored NodeProfile of this name. */
  stored(name: string): NodeProfileObject | undefined;
  /** The agents' pods of a node: two while one replaces the other. */
  agents(nodeName: string): Iterable<AgentPod>;
  node(name: string): NodeObject | undefined;
  /** Where the agents are, for messages. */
  agentNamespace: string;
}

export function nodeReports(input: ReportInput): NodeReport[] {
  return input.desired.map((desired) => report(desired, input));
}

function report({ metadata, spec }: DesiredNodeProfile, input: ReportInput): NodeReport {
  const { nodeName } = spec;
  const stored = input.stored(metadata.name);
  const absence = agentAbsence(nodeName, input);
  const rows = new Map(stored?.status.targets?.map((row) => [row.containerID, row]));
  const outcomes = spec.targets.map((target): TargetOutcome => {
    if (absence !== undefined) {
      const state = 'AgentNotReady';
      return { target, nodeName, state, reason: state, message: absence.message, hasPostmaster: false };
    }
    return { target, nodeName, ...progress(rows.get(target.containerID)) };
  });
  return {
    nodeName,
    ...(stored && { stored }),
    agentReady: absence === undefined,
    agentFailing: absence?.failing ?? false,
    current: stored !== undefined && stored.status.observedGeneration === stored.metadata.generation,
    targets: withoutCompanions(outcomes),
  };
}

function progress(row: TargetRow | undefined): Omit<TargetOutcome, 'target' | 'nodeName'> {
  if (row === undefined) {
    const message = 'the agent has not looked at it yet';
    return { state: 'Pending', reason: 'Pending', message, hasPostmaster: false };
  }
  const { state, reason, message = '', pid } = row;
  return { state, reason, message, hasPostmaster: state === 'Attached' || pid !== undefined };
}

interface Absence {
  message: string;
  failing: boolean;
}

/** Why nobody on the node can tell; undefined if the agent there is ready. */
function agentAbsence(nodeName: string, { agents, node, agentNamespace }: ReportInput): Absence | undefined {
  const passing = (message: string): Absence => ({ message, failing: false });
  const pods = [...agents(nodeName)].sort((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const [pod] = pods;
  const known = node(nodeName);
  if (known === undefined) return passing('the node has gone');
  if (!known.ready) return passing(`the node is not ready; see kubectl describe node ${nodeName}`);
  if (pod === undefined) {
    return passing(`there is no agent pod yet; if none comes, see kubectl describe daemonset -n ${agentNamespace}`);
  }
  if (pod.ready) return undefined;
  const { namespace, name } = pod.metadata;
  // What to do comes first: a scheduler's words are long, and the end of a long message is cut off.
  const look = pod.failing ? ` (see kubectl describe pod -n ${namespace} ${name})` : '';
  const why = `${pod.reason}${pod.message && ` (${pod.message})`}`;
  const message = `the agent pod ${namespace}/${name} is not ready${look}: ${why}`;
  return { message, failing: pod.failing };
}

/** While one pod replaces another, the one that will stay tells more. */
function rank({ ready, terminating }: AgentPod): number {
  return ready ? 0 : terminating ? 2 : 1;
}

/** In a pod where one container runs a postmaster, the others (exporters, poolers) are not meant. */
function withoutCompanions(outcomes: TargetOutcome[]): TargetOutcome[] {
  const served = new Set(outcomes.filter(({ hasPostmaster }) => hasPostmaster).map(({ target }) => target.podUID));
  return outcomes.filter(({ state, target }) => state !== 'NoPostgres' || !served.has(target.podUID));
}
