/** Writes a profile's status when it is time to, and tells of transitions. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import { type KubeClient, KubeError } from '../../kube/client.js';
import { applyObject } from '../apply.js';
import type { Cluster } from '../cluster.js';
import { API_VERSION, customPath } from '../names.js';
import type { Profile } from '../views.js';
import type { Assessment } from './assess.js';
import { readyTransition } from './ready-transition.js';
import { type StatusWrite, statusWrite } from './status-write.js';

export interface StatusWriter {
  /** The profile with the status that this process wrote last, where the store has not seen that write yet. */
  latest(profile: Profile): Profile;
  /** `profile` is a latest one. */
  write(profile: Profile, next: Next, signal: AbortSignal): Promise<StatusWrite>;
  /** The key's profile has gone, or another one has come under its name. */
  forget(key: string): void;
}

type Next = Pick<Assessment, 'status' | 'agentFailing'>;

interface Written extends Next {
  uid: string;
  atMs: number;
  /** Of the profile that was in the store when it was written. */
  resourceVersion: string;
}

export function createStatusWriter({
  client,
  clock,
  events,
}: Pick<Cluster, 'client' | 'clock' | 'events'>): StatusWriter {
  /** By key; only of profiles in the store. */
  const written = new Map<string, Written>();

  const of = ({ metadata }: Profile) => {
    const found = written.get(`${metadata.namespace}/${metadata.name}`);
    return found?.uid === metadata.uid ? found : undefined;
  };

  return {
    latest(profile) {
      const last = of(profile);
      const unseen = last !== undefined && last.resourceVersion === profile.metadata.resourceVersion;
      return unseen ? { ...profile, status: last.status } : profile;
    },
    async write(profile, next, signal) {
      const { namespace, name, uid, resourceVersion } = profile.metadata;
      const { status, agentFailing } = next;
      const last = of(profile);
      const when = statusWrite(profile.status, status, { nowMs: clock.now(), lastWriteMs: last?.atMs });
      if (when !== 'now') return when;
      const body = {
        apiVersion: API_VERSION,
        kind: 'PostgresProfile',
        metadata: { name, namespace, uid },
        status,
      };
      await applyStatus(client, body, signal);
      written.set(`${namespace}/${name}`, { uid, atMs: clock.now(), ...next, resourceVersion });
      const wasFailing = last?.agentFailing ?? agentFailing;
      const transition = readyTransition(profile, status, { wasFailing, isFailing: agentFailing });
      if (transition !== undefined) events.record(transition);
      return when;
    },
    forget: (key) => written.delete(key),
  };
}

interface AppliedStatus {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; uid: string };
  status: PostgresProfileStatus;
}

/** A profile that has gone meanwhile needs no status. */
export async function applyStatus(client: KubeClient, body: AppliedStatus, signal: AbortSignal): Promise<void> {
  const { namespace, name } = body.metadata;
  try {
    await applyObject(client, `${customPath('postgresprofiles', namespace, name)}/status`, body, signal);
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 404)) throw error;
  }
}
