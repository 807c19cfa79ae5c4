/** Waits until a cluster is as it should be: what the operator has made of the fleet, and what profiles say about it. */
import type { Administrator } from '../administrator.js';
import type { Fleet } from '../fleet.js';
import { until } from '../until.js';
import { answerNodeProfiles, storedTargets } from './agents.js';

const PATIENCE = { limitMs: 8 * 60_000, pauseMs: 2_000 };

/** Until NodeProfiles hold exactly the containers that there are, and the nodes their label; gives the seconds that it took. */
export async function converged(administrator: Administrator, fleet: Fleet): Promise<number> {
  const expected = fleet.targets();
  const took = await until('NodeProfiles as they should be', PATIENCE, async () => {
    const stored = await storedTargets(administrator);
    const known = new Set(stored);
    const missing = expected.filter((line) => !known.has(line)).length;
    // As many as there should be and none missing: there is none too many.
    return (
      (missing === 0 && stored.length === expected.length) || `${stored.length} containers, ${missing} are missing`
    );
  });
  const labels = await until('labels as they should be', PATIENCE, async () => {
    const path = '/api/v1/nodes?labelSelector=pgscope.dev/agent=true';
    const found = await administrator.list(path, { metadataOnly: true });
    return found.length === fleet.nodes.size || `${found.length} of ${fleet.nodes.size} nodes have theirs`;
  });
  return took + labels;
}

/** Plays the agents until every profile is Ready with all of its servers. */
export async function answered(administrator: Administrator, fleet: Fleet): Promise<void> {
  const servers = new Map(fleet.namespaces.map((namespace) => [namespace, fleet.databasesOf(namespace)]));
  await until('all profiles Ready', PATIENCE, async () => {
    await answerNodeProfiles(administrator);
    const stored = await administrator.list('/apis/pgscope.dev/v1alpha1/postgresprofiles');
    const open = stored.filter(({ metadata, status }) => !isReady(status, servers.get(metadata.namespace) ?? 0));
    return open.length === 0 || `${open.length} are not, such as ${JSON.stringify(open[0].status)}`;
  });
}

interface Status {
  targets?: { matched: number; attached: number };
  conditions?: { type: string; status: string }[];
}

function isReady({ targets, conditions = [] }: Status = {}, servers: number): boolean {
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && targets?.attached === servers && targets.matched === servers;
}
