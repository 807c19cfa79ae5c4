/** The postmasters among the processes of a container, whatever started them: su, tini, patroni, or nobody. */

import { isChildOfPostmaster, type Postmaster, postmasterOf, readProcFile, workingDirectoryId } from '../targets.js';
import { containerOf, placeKey } from './cgroup.js';
import type { WantedContainer } from './follow.js';

/**
 * One for each data directory that is not in `known`; most processes are backends of a known one and cost one stat. A container can hold several servers: each is a
 * target of its own. The data directory alone does not tell a server: a pod that comes after another has the same volume.
 */
export function postmastersAmong(
  pids: readonly number[],
  known: ReadonlyMap<string, unknown>,
  container: WantedContainer,
): Postmaster[] {
  const found = new Map<string, Postmaster>();
  for (const pid of pids) {
    const directory = workingDirectoryId(pid);
    if (directory === undefined || known.has(idOf(container, directory))) continue;
    const postmaster = postmasterOf(pid);
    if (postmaster === undefined || isChildOfPostmaster(pid)) continue;
    // Another process may have got the PID since the scan.
    const place = containerOf(readProcFile(`/proc/${pid}/cgroup`) ?? '');
    if (place === undefined || placeKey(place) !== placeKey(container)) continue;
    const id = idOf(container, postmaster.id);
    if (!found.has(id)) found.set(id, { ...postmaster, id, container: placeKey(container), name: container.name });
  }
  return [...found.values()];
}

function idOf(container: WantedContainer, directory: string): string {
  return `${placeKey(container)} ${directory}`;
}
