/** Which pods a profile means. */
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import type { Pod } from '../views.js';

type LabelSelector = NonNullable<PostgresProfileSpec['selector']>;
type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

/** Whether the profile means the pod; both are in one namespace. */
export function selects({ selector, podName }: Pick<PostgresProfileSpec, 'selector' | 'podName'>, pod: Pod): boolean {
  if (podName !== undefined) return pod.metadata.name === podName;
  return selector !== undefined && matches(selector, pod.metadata.labels);
}

/** Kubernetes' label selector; an empty one matches everything. */
export function matches({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Record<string, string>) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labelValue(labels, key) === value) &&
    matchExpressions.every((expression) => holds(expression, labels))
  );
}

/** The selector as `kubectl get pods -l` takes it; empty for one that matches everything. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...equal, ...matchExpressions.map(expressionText)].join(',');
}

/** NotIn holds for an object without the label too, as in Kubernetes. */
function holds({ key, operator, values = [] }: Expression, labels: Record<string, string>): boolean {
  const value = labelValue(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function expressionText({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

function labelValue(labels: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
