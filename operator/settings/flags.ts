/** The operator's flags: one table that the parser, --help and docs/operator.md are made of. */

export interface Flag {
  /** Without its dashes. Its environment variable is PGSCOPE_ and the name in capitals, with `_` for `-`. */
  name: string;
  /** What stands for the value in the help; undefined for a flag that is given or not. */
  value?: string;
  default?: string;
  /** What the default is where it is not a fixed value; for people. */
  defaultText?: string;
  /** A sentence without a full stop, in the imperative where it can be. */
  help: string;
}

export const FLAGS = [
  {
    name: 'namespace',
    value: 'NAME',
    defaultText: 'POD_NAMESPACE',
    help: 'Namespace of the operator, its Lease and its agents',
  },
  {
    name: 'watch-namespaces',
    value: 'A,B',
    defaultText: 'all',
    help: 'Watch profiles and pods of these namespaces only',
  },
  {
    name: 'destinations',
    value: 'A,B',
    default: 'default',
    help: "Names of the export destinations that the agents' configuration defines",
  },
  { name: 'allow-raw-text', help: 'Accept profiles with queryText: raw, which export literals' },
  {
    name: 'label-grace',
    value: 'DURATION',
    default: '5m',
    help: 'How long a node keeps its agent after its last target has gone',
  },
  {
    name: 'cluster-name',
    value: 'NAME',
    defaultText: 'none',
    help: 'Value of the resource attribute k8s.cluster.name',
  },
  {
    name: 'agent-selector',
    value: 'SELECTOR',
    default: 'app.kubernetes.io/name=pgscope,app.kubernetes.io/component=agent',
    help: "Label selector of the agents' pods",
  },
  { name: 'port', value: 'PORT', default: '8080', help: 'Port of /healthz, /readyz and /metrics' },
  { name: 'lease-name', value: 'NAME', default: 'pgscope-operator', help: 'Name of the Lease that elects the leader' },
  { name: 'no-leader-election', help: 'Lead at once, for a single operator outside of a cluster' },
  {
    name: 'kubeconfig',
    value: 'FILE',
    defaultText: "the pod's service account",
    help: 'Connect as this file says, with its current context',
  },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];

/** `label-grace` → `PGSCOPE_LABEL_GRACE`. */
export function environmentName(flag: string): string {
  return `PGSCOPE_${flag.toUpperCase().replaceAll('-', '_')}`;
}
