/** Names that the operator puts on objects: group, kinds, labels, field manager; and those of its controllers. */

export const GROUP = 'pgscope.dev';
export const API_VERSION = `${GROUP}/v1alpha1`;
export const FIELD_MANAGER = 'pgscope-operator';

/** In metrics, logs and traces. */
export const CONTROLLER_NAMES = { profiles: 'postgresprofile', nodes: 'node' } as const;

/** The one label of a node that is the operator's; the agents' DaemonSet selects it. */
export const AGENT_LABEL = `${GROUP}/agent`;
export const AGENT_LABEL_VALUE = 'true';

export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'pgscope';
export const PROFILE_UID_LABEL = `${GROUP}/profile-uid`;
export const NODE_LABEL = `${GROUP}/node`;

/** Of a TraceProgram that came with pgscope: its own name, so that a copy under another one is somebody's own. */
const SHIPPED_AS_LABEL = `${GROUP}/shipped-as`;

export function shippedLabels(name: string): Record<string, string> {
  return { [MANAGED_BY_LABEL]: MANAGED_BY, [SHIPPED_AS_LABEL]: name };
}

export function isShipped({ name, labels }: { name: string; labels?: Record<string, string> }): boolean {
  return labels?.[SHIPPED_AS_LABEL] === name;
}

type Plural = 'postgresprofiles' | 'nodeprofiles' | 'traceprograms';

/** The path of a namespace's objects, or of one of them; without a namespace, of all namespaces' objects, or of the cluster's. */
export function customPath(plural: Plural, namespace?: string, name?: string): string {
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `/apis/${API_VERSION}${scope}/${plural}${name === undefined ? '' : `/${name}`}`;
}
