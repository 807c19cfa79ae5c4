/** The workload that a pod belongs to, by the names of OpenTelemetry; found from the pod alone, without reading its owners. */
import type { Pod } from '../views.js';

export interface Workload {
  deployment?: string;
  replicaset?: string;
  statefulset?: string;
  daemonset?: string;
  cronjob?: string;
  job?: string;
}

/** Set by a Deployment on the pods of its ReplicaSets; the ReplicaSet's name ends with its value. */
const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** The minutes since 1970 that a CronJob appends, in 2020 and in 2060: a date such as 20250101 is none. */
const FIRST_MINUTE = 26_297_280;
const LAST_MINUTE = 47_336_640;

export function workloadOf({ owner, metadata }: Pick<Pod, 'owner' | 'metadata'>): Workload {
  switch (owner?.kind) {
    case 'ReplicaSet': {
      const deployment = withoutSuffix(owner.name, metadata.labels[TEMPLATE_HASH_LABEL]);
      return { ...(deployment && { deployment }), replicaset: owner.name };
    }
    case 'StatefulSet':
      return { statefulset: owner.name };
    case 'DaemonSet':
      return { daemonset: owner.name };
    case 'Job': {
      const cronjob = cronJobOf(owner.name);
      return { ...(cronjob && { cronjob }), job: owner.name };
    }
    default:
      return {};
  }
}

function withoutSuffix(name: string, hash: string | undefined): string | undefined {
  return hash && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : undefined;
}

function cronJobOf(job: string): string | undefined {
  const [, name, digits] = /^(.+)-(\d{8})$/.exec(job) ?? [];
  const minute = Number(digits);
  return minute >= FIRST_MINUTE && minute <= LAST_MINUTE ? name : undefined;
}
