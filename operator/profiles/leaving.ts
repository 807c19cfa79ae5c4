/**
 * Pods that are being deleted. Their servers work on until their grace period ends, and are captured for as long; in the status they count only
 * while they are attached, since a server that has just ended is no flaw.
 */
import type { Exclusion, Selection } from './selection.js';
import type { NodeReport } from './targets.js';

export interface Counted {
  selection: Selection;
  reports: NodeReport[];
}

/** What of this counts. */
export function withoutGone({ selection, reports }: Counted): Counted {
  const leaving = new Set(selection.candidates.flatMap(({ pod }) => (pod.terminating ? [pod.metadata.uid] : [])));
  if (leaving.size === 0) return { selection, reports };
  const counted = reports.map((report) => ({
    ...report,
    targets: report.targets.filter(({ target, state }) => state === 'Attached' || !leaving.has(target.podUID)),
  }));
  const attached = new Set(counted.flatMap(({ targets }) => targets.map(({ target }) => target.podUID)));
  const isGone = (uid: string) => leaving.has(uid) && !attached.has(uid);
  const gone = selection.candidates.filter(({ pod }) => isGone(pod.metadata.uid));
  const names = new Set(gone.map(({ pod }) => pod.metadata.name));
  return {
    selection: {
      ...selection,
      candidates: selection.candidates.filter(({ pod }) => !isGone(pod.metadata.uid)),
      exclusions: [...selection.exclusions, ...Array.from(names, beingDeleted)],
    },
    reports: counted.filter(({ targets }) => targets.length > 0),
  };
}

export function beingDeleted(podName: string): Exclusion {
  return { podName, reason: 'NotRunning', message: 'is being deleted' };
}
