/** What should be there for a profile, and what is to be said about it, from what the stores hold now. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import type { Cluster } from '../cluster.js';
import type { Indexes } from '../indexes.js';
import type { Profile } from '../views.js';
import { accept } from './acceptance.js';
import { withoutGone } from './leaving.js';
import { lifetime } from './lifetime.js';
import { addedUp, type LossMemory, lossesOf } from './losses.js';
import { type DesiredNodeProfile, desiredNodeProfiles } from './node-profiles.js';
import { select } from './selection.js';
import { isActive, type Situation } from './situation.js';
import { profileStatus } from './status.js';
import { nodeReports } from './targets.js';

export interface Assessment {
  desired: DesiredNodeProfile[];
  status: PostgresProfileStatus;
  /** Whether an agent is missing for a reason that does not pass by itself. */
  agentFailing: boolean;
  /** To be handed in the next time. */
  losses: LossMemory;
  /** When time alone changes the answer; undefined if it does not. */
  expiresMs?: number;
}

type Seen = Pick<Cluster, 'nodes' | 'settings' | 'clock'>;

/** `before`: the losses of the last assessment; undefined if this is the first one of this process. */
export function assess(
  profile: Profile,
  { nodes, settings, clock }: Seen,
  indexes: Indexes,
  before?: LossMemory,
): Assessment {
  const { namespace, name, uid } = profile.metadata;
  const stored = new Map(
    [...indexes.nodeProfilesByProfile.of(`${namespace}/${name}`)]
      .filter(({ spec }) => spec.profile.uid === uid)
      .map((object) => [object.metadata.name, object]),
  );
  const nowMs = clock.now();
  const acceptance = accept(profile, settings);
  const spec = acceptance.accepted ? acceptance.spec : undefined;
  const written = [...stored.values()].map(({ status }) => status);
  const life = lifetime({ profile, duration: spec?.duration, reports: written, nowMs });
  const node = (nodeName: string) => nodes.get(nodeName);
  const selection = spec && select(spec, indexes.podsByNamespace.of(namespace), node);
  const stance = { acceptance, suspended: spec?.suspend ?? false, life };
  const desired =
    isActive(stance) && spec && selection
      ? desiredNodeProfiles({
          profile,
          spec,
          candidates: selection.candidates,
          expiresAt: life.expiresAt,
          clusterName: settings.clusterName,
        })
      : [];
  const losses = addedUp(before, profile.status.lostEvents ?? 0, stored.values());
  const reports = nodeReports({
    desired,
    stored: (nodeProfile) => stored.get(nodeProfile),
    agents: (nodeName) => indexes.agentsByNode.of(nodeName),
    node,
    agentNamespace: settings.namespace,
  });
  const situation: Situation = {
    profile,
    ...stance,
    ...(selection ? withoutGone({ selection, reports }) : { reports }),
    lostEvents: lossesOf(losses),
    nowMs,
  };
  const expiresMs = life.expiresAt !== undefined && !life.completed ? Date.parse(life.expiresAt) : undefined;
  const agentFailing = situation.reports.some((report) => report.agentFailing);
  return {
    desired,
    status: profileStatus(situation),
    agentFailing,
    losses,
    ...(expiresMs !== undefined && { expiresMs }),
  };
}
