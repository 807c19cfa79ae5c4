/** The last status of a profile: nobody keeps it up to date any more, and nothing is captured. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import type { KubeClient } from '../../kube/client.js';
import { eachOf } from '../apply.js';
import { API_VERSION } from '../names.js';
import { asCondition, fails } from '../profiles/condition.js';
import { applyStatus } from '../profiles/status-writer.js';
import type { Profile } from '../views.js';

const MESSAGE = 'pgscope was uninstalled; nothing is captured until it is installed again.';

/** Writes it into every profile that has a status and is not over. */
export async function tellUninstalled(client: KubeClient, profiles: Profile[], signal: AbortSignal): Promise<void> {
  await eachOf(profiles.filter(hasEnd), async (profile) => {
    const { name, namespace, uid } = profile.metadata;
    const body = { apiVersion: API_VERSION, kind: 'PostgresProfile', metadata: { name, namespace, uid } };
    await applyStatus(client, { ...body, status: uninstalled(profile, Date.now()) }, signal);
  });
}

export function uninstalled(
  { metadata, status }: Pick<Profile, 'metadata' | 'status'>,
  nowMs: number,
): PostgresProfileStatus {
  const { generation } = metadata;
  return {
    ...status,
    ...(status.targets && { targets: { ...status.targets, attached: 0 } }),
    ...(status.nodes && { nodes: { ...status.nodes, ready: 0 } }),
    conditions: (status.conditions ?? []).map((before) =>
      before.type === 'Ready' || before.type === 'ProbesAttached' || before.type === 'Exporting'
        ? asCondition(before.type, fails('Uninstalled', MESSAGE), { before, generation, nowMs })
        : before,
    ),
  };
}

function hasEnd({ status, terminating }: Profile): boolean {
  const over = status.conditions?.some(({ type, status: holds }) => type === 'Completed' && holds === 'True');
  return !terminating && status.conditions !== undefined && !over;
}
