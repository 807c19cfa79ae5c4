/** TargetsResolved: whether the pods that the profile means run PostgreSQL servers that can be profiled. */
import type { PostgresProfileSpec } from '../../../api/postgres-profile.js';
import { counted, examples, type Finding, fails, holds, unknown } from '../condition.js';
import type { ExclusionReason, Selection } from '../selection.js';
import { selectorText } from '../selector.js';
import { isActive, type Situation, specOf } from '../situation.js';

export function targetsResolved(situation: Situation): Finding {
  const { selection, profile } = situation;
  const spec = specOf(situation);
  if (selection === undefined || spec === undefined) {
    return unknown('NotAccepted', 'Pods are looked for when the spec is accepted.');
  }
  if (selection.matchedPods === 0) return fails('NoMatchingPods', nothingMatches(spec, profile.metadata.namespace));
  return (
    excluded(selection, 'UnsupportedNode') ??
    excluded(selection, 'StaticPod') ??
    excluded(selection, 'ContainerNotFound') ??
    excluded(selection, 'SharedContainer') ??
    excluded(selection, 'TooManyContainers') ??
    nothingRuns(selection, profile.metadata.namespace) ??
    noPostgres(situation) ??
    resolved(situation, selection)
  );
}

function nothingMatches({ podName, selector }: PostgresProfileSpec, namespace: string): string {
  if (podName !== undefined) {
    return `There is no pod ${podName} in namespace ${namespace}; correct spec.podName, or create the pod.`;
  }
  const labels = selectorText(selector ?? {});
  const flag = labels === '' ? '' : ` -l '${labels}'`;
  return `No pod matches spec.selector; compare with kubectl get pods -n ${namespace}${flag} --show-labels`;
}

function excluded({ exclusions, matchedPods }: Selection, reason: ExclusionReason): Finding | undefined {
  const found = exclusions.filter((exclusion) => exclusion.reason === reason);
  if (found.length === 0) return undefined;
  const pods = examples(found.map(({ podName, message }) => `pod ${podName} ${message}`));
  return fails(reason, `${found.length} of ${counted(matchedPods, 'pod')} cannot be profiled: ${pods}.`);
}

function nothingRuns({ candidates, exclusions }: Selection, namespace: string): Finding | undefined {
  if (candidates.length > 0) return undefined;
  const pods = examples(exclusions.map(({ podName, message }) => `pod ${podName} ${message}`));
  return fails('NoRunningPods', `Pods match, but none is running: ${pods}. See kubectl describe pods -n ${namespace}`);
}

function noPostgres({ reports }: Situation): Finding | undefined {
  const empty = reports.flatMap(({ targets }) => targets.filter(({ state }) => state === 'NoPostgres'));
  if (empty.length === 0) return undefined;
  const containers = Map.groupBy(empty, ({ target }) => target.podName);
  const pods = [...containers].map(
    ([pod, list]) => `pod ${pod}, container ${list.map(({ target }) => target.container).join(' and ')}`,
  );
  const hint = 'If none is to come, narrow spec.selector, or name the container in spec.container.';
  return fails('NoPostgres', `No PostgreSQL server runs (yet) in ${examples(pods)}. ${hint}`);
}

function resolved(situation: Situation, { candidates }: Selection): Finding {
  const pods = new Set(candidates.map(({ pod }) => pod.metadata.uid)).size;
  const containers = `${counted(candidates.length, 'container')} of ${counted(pods, 'running pod')}`;
  return holds('Resolved', `${containers} ${isActive(situation) ? 'selected.' : 'would be selected.'}`);
}
