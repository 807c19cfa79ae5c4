/** Objects as the API server sends them, as far as the operator looks. Everything may be missing. */

export interface RawMetadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
}

export interface RawCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export interface RawContainerState {
  running?: { startedAt?: string };
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; message?: string; exitCode?: number };
}

export interface RawContainerStatus {
  name: string;
  containerID?: string;
  imageID?: string;
  state?: RawContainerState;
  lastState?: RawContainerState;
}

export interface RawPod {
  metadata: RawMetadata;
  spec?: {
    nodeName?: string;
    runtimeClassName?: string;
    containers?: { name: string; image?: string }[];
    initContainers?: { name: string; image?: string; restartPolicy?: string }[];
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms?: { matchFields?: { key: string; operator: string; values?: string[] }[] }[];
        };
      };
    };
  };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: RawCondition[];
    containerStatuses?: RawContainerStatus[];
    initContainerStatuses?: RawContainerStatus[];
  };
}

/** The part of the metadata that every view has. */
export interface ViewMetadata {
  name: string;
  uid: string;
  resourceVersion: string;
}

/** The part of a namespaced object's metadata that every view has. */
export interface NamespacedMetadata extends ViewMetadata {
  namespace: string;
}

export function namespacedMetadata({ name, namespace, uid, resourceVersion }: RawMetadata): NamespacedMetadata {
  return { name, namespace: namespace ?? '', uid, resourceVersion };
}
