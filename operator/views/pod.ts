/** A pod as the operator keeps it: what selects it, where it runs, and what its containers' telemetry is named after. */
import { type NamespacedMetadata, namespacedMetadata, type RawContainerStatus, type RawPod } from './raw.js';

export interface PodContainer {
  name: string;
  /** As the pod's author wrote it. */
  image: string;
  /** As the runtime resolved it: `docker.io/library/postgres@sha256:…`; undefined before it was pulled. */
  imageID?: string;
  /** `containerd://…`; undefined before it was created. */
  containerID?: string;
  running: boolean;
}

export interface OwnerName {
  kind: string;
  name: string;
}

export interface Pod {
  metadata: NamespacedMetadata & { labels: Record<string, string> };
  /** Annotations resource.opentelemetry.io/…, without that prefix. */
  attributes: Record<string, string>;
  /** Whether it is being deleted. */
  terminating: boolean;
  /** Whether it stands for one that the kubelet runs from a file. */
  isStatic: boolean;
  /** Undefined until it is scheduled. */
  nodeName?: string;
  phase: string;
  runtimeClassName?: string;
  /** The object that made it, such as its StatefulSet. */
  owner?: OwnerName;
  containers: PodContainer[];
}

/** The kubelet's, on the object that it makes for a static pod. */
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

export const SERVICE_ANNOTATION_PREFIX = 'resource.opentelemetry.io/';

export function projectPod(raw: unknown): Pod {
  const { metadata, spec = {}, status = {} } = raw as RawPod;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  return {
    metadata: { ...namespacedMetadata(metadata), labels: metadata.labels ?? {} },
    attributes: resourceAnnotations(metadata.annotations ?? {}),
    terminating: metadata.deletionTimestamp !== undefined,
    isStatic: metadata.annotations?.[MIRROR_ANNOTATION] !== undefined,
    ...(spec.nodeName && { nodeName: spec.nodeName }),
    phase: status.phase ?? 'Pending',
    ...(spec.runtimeClassName && { runtimeClassName: spec.runtimeClassName }),
    ...(owner && { owner: { kind: owner.kind, name: owner.name } }),
    containers: longRunning(spec).map((container) => projectContainer(container, statuses)),
  };
}

/** An init container that is restarted whenever it ends is a sidecar, and runs as long as the pod does. */
function longRunning({ containers = [], initContainers = [] }: NonNullable<RawPod['spec']>) {
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

function projectContainer(
  { name, image }: { name: string; image?: string },
  statuses: RawContainerStatus[],
): PodContainer {
  const status = statuses.find((one) => one.name === name);
  return {
    name,
    image: image ?? '',
    ...(status?.imageID && { imageID: status.imageID }),
    ...(status?.containerID && { containerID: status.containerID }),
    running: status?.state?.running !== undefined,
  };
}

function resourceAnnotations(annotations: Record<string, string>): Record<string, string> {
  const found = Object.entries(annotations).filter(([key]) => key.startsWith(SERVICE_ANNOTATION_PREFIX));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(SERVICE_ANNOTATION_PREFIX.length), value]));
}
