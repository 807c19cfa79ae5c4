/** An agent's pod: the node it is for, whether it is ready, and if it is not, why. */
import { type NamespacedMetadata, namespacedMetadata, type RawContainerStatus, type RawPod } from './raw.js';

export interface AgentPod {
  metadata: NamespacedMetadata;
  /** Also of a pod that is not scheduled yet: the DaemonSet controller writes it into the affinity. Undefined if neither says. */
  nodeName?: string;
  ready: boolean;
  terminating: boolean;
  /** Why it is not ready: Unschedulable, ImagePullBackOff, CrashLoopBackOff, OOMKilled…; `Ready` if it is. */
  reason: string;
  /** Whether that does not pass by itself: somebody has to see to it. */
  failing: boolean;
  /** What Kubernetes says about it, at most 512 characters; empty where it says nothing. */
  message: string;
}

const MAX_MESSAGE = 512;
/** Reasons of a pod that comes or goes as it should. */
const PASSING = ['Ready', 'Starting', 'ContainerCreating', 'PodInitializing', 'NotReady', 'Terminating'];

export function projectAgentPod(raw: unknown): AgentPod {
  const pod = raw as RawPod;
  const nodeName = pod.spec?.nodeName || affinityNode(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = !terminating && condition(pod, 'Ready')?.status === 'True';
  const { reason, message = '' } = ready ? { reason: 'Ready' } : whyNot(pod);
  return {
    metadata: namespacedMetadata(pod.metadata),
    ...(nodeName && { nodeName }),
    ready,
    terminating,
    reason,
    failing: !PASSING.includes(reason),
    message: message.slice(0, MAX_MESSAGE),
  };
}

interface Why {
  reason: string;
  message?: string;
}

function whyNot(pod: RawPod): Why {
  if (pod.metadata.deletionTimestamp !== undefined) return { reason: 'Terminating' };
  const { phase, reason, message } = pod.status ?? {};
  if (phase === 'Failed') return why(reason ?? 'Failed', message);
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return why(scheduled.reason ?? 'Unschedulable', scheduled.message);
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const stuck = statuses.map(whyContainer).find((one) => one !== undefined);
  if (stuck !== undefined) return stuck;
  const unready = condition(pod, 'Ready');
  return statuses.length === 0 ? { reason: 'Starting' } : why('NotReady', unready?.message);
}

/** What keeps a container from running; for one that crashes, also how it ended. */
function whyContainer({ name, state = {}, lastState = {} }: RawContainerStatus): Why | undefined {
  const ended = state.terminated ?? lastState.terminated;
  if (state.waiting?.reason) {
    const end = ended
      ? `; container ${name} ended last with exit code ${ended.exitCode} (${ended.reason ?? 'Error'})`
      : '';
    return why(state.waiting.reason, `${state.waiting.message ?? ''}${end}`.replace(/^; /, ''));
  }
  if (state.terminated && state.terminated.exitCode !== 0) {
    return why(
      state.terminated.reason ?? 'Error',
      `container ${name} ended with exit code ${state.terminated.exitCode}`,
    );
  }
  return undefined;
}

function why(reason: string, message: string | undefined): Why {
  return message === undefined ? { reason } : { reason, message };
}

function condition(pod: RawPod, type: string) {
  return pod.status?.conditions?.find((one) => one.type === type);
}

function affinityNode(pod: RawPod): string | undefined {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = required?.nodeSelectorTerms?.flatMap(({ matchFields = [] }) => matchFields) ?? [];
  return fields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')?.values?.[0];
}
