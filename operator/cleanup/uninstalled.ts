/** The last status of a profile: nobody keeps it up to date any more, and nothing is captured. */
import type { Condition } from '../../api/condition.js';
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import type { KubeClient } from '../../kube/client.js';
import { eachOf } from '../apply.js';
import { API_VERSION } from '../names.js';
import { asCondition, type ConditionType, fails } from '../profiles/condition.js';
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
      isOver(before)
        ? asCondition(before.type as ConditionType, fails('Uninstalled', MESSAGE), { before, generation, nowMs })
        : before,
    ),
  };
}

const OF_CAPTURE: readonly string[] = ['Ready', 'ProbesAttached', 'Exporting', 'ProgramsRunning'];

/** That no program was asked for stays true. */
function isOver({ type, reason }: Condition): boolean {
  return OF_CAPTURE.includes(type) && reason !== 'NoPrograms';
}

function hasEnd({ status, terminating }: Profile): boolean {
  const over = status.conditions?.some(({ type, status: holds }) => type === 'Completed' && holds === 'True');
  return !terminating && status.conditions !== undefined && !over;
}
