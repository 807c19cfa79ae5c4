/**
 * The OpenTelemetry resource of a container, by the rules for Kubernetes: annotations first, then well-known labels, then the workload's
 * name. What identifies the container comes from Kubernetes alone: annotations are the tenant's.
 * https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
import type { Pod, PodContainer } from '../views.js';
import { imageVersion, parseImage, repoDigest } from './image.js';
import { type Workload, workloadOf } from './workload.js';

export interface ResourceInput {
  pod: Pod;
  container: PodContainer;
  nodeName: string;
  /** k8s.cluster.name; left out if undefined. */
  clusterName?: string | undefined;
}

/** Bounds of what annotations may add, so that a NodeProfile with many targets stays far below what etcd stores. */
export const MAX_ANNOTATIONS = 16;
export const MAX_ANNOTATION_LENGTH = 256;
const MAX_VALUE_LENGTH = 1024;

/** What only pgscope may say. */
const RESERVED = /^(k8s|container|host|process|db|telemetry|pgscope|otel)\./;
const ATTRIBUTE_NAME = /^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** Attributes by name, none empty, at most 64. Two images or containers of a pod have different ones. */
export function containerResource(input: ResourceInput): Record<string, string> {
  const attributes = { ...serviceAttributes(input), ...annotationAttributes(input.pod), ...platformAttributes(input) };
  const set = Object.entries(attributes).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(set.map(([name, value]) => [name, value.slice(0, MAX_VALUE_LENGTH)]).sort(byName));
}

type Attributes = Record<string, string | undefined>;

/** These are what an annotation of the same name replaces. */
function serviceAttributes({ pod, container }: ResourceInput): Attributes {
  const { name, namespace, labels } = pod.metadata;
  const workload = workloadOf(pod);
  const label = (key: string) => labels[`app.kubernetes.io/${key}`];
  return {
    'service.name': label('instance') || label('name') || workloadName(workload) || name,
    'service.namespace': namespace,
    'service.version': label('version') || imageVersion(parseImage(container.image)),
    'service.instance.id': `${namespace}.${name}.${container.name}`,
  };
}

/** The rule's order. */
function workloadName({ deployment, replicaset, statefulset, daemonset, cronjob, job }: Workload): string | undefined {
  return deployment ?? replicaset ?? statefulset ?? daemonset ?? cronjob ?? job;
}

/** Of more than the bound the first ones by name, so that the same annotations always give the same attributes. */
function annotationAttributes({ attributes }: Pod): Attributes {
  const usable = Object.entries(attributes)
    .filter(([name, value]) => value !== '' && ATTRIBUTE_NAME.test(name) && !RESERVED.test(name))
    .sort(byName)
    .slice(0, MAX_ANNOTATIONS);
  return Object.fromEntries(usable.map(([name, value]) => [name, value.slice(0, MAX_ANNOTATION_LENGTH)]));
}

function platformAttributes({ pod, container, nodeName, clusterName }: ResourceInput): Attributes {
  const [runtime, id] = (container.containerID ?? '').split('://');
  const image = parseImage(container.image);
  const workload = Object.entries(workloadOf(pod)).map(([kind, name]) => [`k8s.${kind}.name`, name]);
  return {
    'k8s.cluster.name': clusterName,
    'k8s.namespace.name': pod.metadata.namespace,
    'k8s.node.name': nodeName,
    'k8s.pod.name': pod.metadata.name,
    'k8s.pod.uid': pod.metadata.uid,
    'k8s.container.name': container.name,
    ...Object.fromEntries(workload),
    'container.id': id,
    'container.runtime.name': runtime,
    'container.image.name': image.name,
    'container.image.tags': image.tag,
    'container.image.repo_digests': repoDigest(container.imageID),
    'host.name': nodeName,
  };
}

function byName([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
