/** The TracePrograms of the cluster: kept as they are stored, checked when somebody asks for one. */

import type { Reading } from '../../../api/reading.js';
import { readTraceProgramSpec, type TraceProgramSpec } from '../../../api/trace-program.js';
import { identify, type ObjectMeta } from '../../../kube/objects.js';
import { checkedProgram, type Program, ProgramError } from '../../programs.js';

export const TRACE_PROGRAMS_PATH = '/apis/pgscope.dev/v1alpha1/traceprograms';

export interface TraceProgram {
  metadata: Pick<ObjectMeta, 'name' | 'uid' | 'resourceVersion'> & { generation: number };
  reading: Reading<TraceProgramSpec>;
}

export function projectTraceProgram(raw: unknown): TraceProgram {
  const { name, uid, resourceVersion, generation = 0 } = identify(raw).metadata as ObjectMeta;
  const { spec } = raw as { spec?: unknown };
  return { metadata: { name, uid, resourceVersion, generation }, reading: readTraceProgramSpec(spec) };
}

/** Why a program does not run, or does not run yet; words of a row. */
export interface Obstacle {
  reason: string;
  message: string;
}

/** `version` changes when the program does. */
export type Found = { program: Program; version: string } | Obstacle;

export interface Library {
  find(name: string): Found;
  /** Forgets what was made of all other programs. */
  keep(names: ReadonlySet<string>): void;
}

export interface LibraryOptions {
  store: { get(name: string): TraceProgram | undefined };
  synced(): boolean;
  /** Whether the administrator lets programs see all processes of this node. */
  allowNode: boolean;
}

export function createLibrary({ store, synced, allowNode }: LibraryOptions): Library {
  const checked = new Map<string, { version: string; found: Found }>();
  return {
    find(name) {
      const stored = store.get(name);
      if (stored === undefined) return synced() ? unknown(name) : NOT_SYNCED;
      const version = `${stored.metadata.uid} ${stored.metadata.generation}`;
      const before = checked.get(name);
      if (before?.version === version) return before.found;
      const found = check(stored, version, allowNode);
      checked.set(name, { version, found });
      return found;
    },
    keep(names) {
      for (const name of checked.keys()) if (!names.has(name)) checked.delete(name);
    },
  };
}

const NOT_SYNCED: Obstacle = {
  reason: 'Starting',
  message: "the TracePrograms of the cluster are not known yet; where that stays so, the agent's log says why",
};

function unknown(name: string): Obstacle {
  return {
    reason: 'UnknownProgram',
    message: `there is no TraceProgram ${name}; kubectl get traceprograms lists those that the administrator offers`,
  };
}

function check({ metadata: { name }, reading }: TraceProgram, version: string, allowNode: boolean): Found {
  if (!reading.ok) return { reason: 'ProgramRefused', message: reading.errors.join('; ') };
  if (reading.spec.scope === 'node' && !allowNode) return { reason: 'NodeScopeForbidden', message: NODE_SCOPE };
  try {
    return { program: checkedProgram(name, reading.spec, { allowNode }), version };
  } catch (error) {
    if (error instanceof ProgramError) return { reason: 'ProgramRefused', message: oneLine(error) };
    throw error;
  }
}

const NODE_SCOPE =
  'scope: node lets it see every process of the node, which is not allowed here; the administrator allows it by programs.allowNodeScope of the chart';

/** Its lines as one sentence. */
export function oneLine({ message }: Error): string {
  return message.replaceAll('\n', '; ');
}
