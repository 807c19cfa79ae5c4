/**
 * Takes away what pgscope has put into the cluster, before it is uninstalled: `main.js cleanup`, as the chart's pre-delete hook runs it.
 * Everything is tried again until it is done or its time is over, and doing it twice is no error. PostgresProfiles stay, and
 * the TracePrograms that people have written.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.js';
import { deleteObject, eachOf } from './apply.js';
import { holdLease } from './cleanup/lease.js';
import {
  listAgents,
  listInstalledPrograms,
  listLabelledNodes,
  listNodeProfiles,
  listProfiles,
} from './cleanup/lists.js';
import { tellUninstalled } from './cleanup/uninstalled.js';
import { customPath } from './names.js';
import { setAgentLabel } from './nodes.js';

export interface CleanupOptions {
  client: KubeClient;
  /** Namespace of operator and agents. */
  namespace: string;
  leaseName: string;
  /** The namespaces that the operator watches; undefined: all. */
  watchNamespaces?: readonly string[] | undefined;
  /** Label selector of the agents' pods. */
  agentSelector: string;
  onLog(line: string): void;
  signal: AbortSignal;
  /** How long each part may take. Defaults: 60 s for NodeProfiles, and for labels and programs; 90 s for agents. */
  limits?: { objectsMs?: number; agentsMs?: number };
  /** Pause between two looks; default 1 s. */
  pollMs?: number;
  /** How long a leader may need to notice that it is none any more; default 15 s, an election's renew deadline and more. */
  standDownMs?: number;
}

/** Something is left; the message says what, and what to do. */
export class CleanupError extends Error {}

/**
 * Stands the operator down, deletes NodeProfiles, takes the labels away, and waits for the agents to end: what they attached ends with them.
 * Throws a CleanupError if NodeProfiles or labels are left. An agent that does not end in time is only logged: its node may be dead.
 */
export async function cleanUp(options: CleanupOptions): Promise<void> {
  const { client, onLog, signal, limits = {}, standDownMs = 15_000 } = options;
  const led = await holdLease(options);
  onLog(led ? 'took the lease from the leading operator' : 'holds the lease: no operator leads');
  const objectsMs = limits.objectsMs ?? 60_000;
  // A leader whose last write crosses ours has seen the lease by then, so what is gone after that stays gone.
  const settledAtMs = Date.now() + (led ? standDownMs : 0);
  const left = await until(options, objectsMs + (led ? standDownMs : 0), async () => {
    const objects = await listNodeProfiles(options);
    if (objects.length > 0) onLog(`deletes ${objects.length} NodeProfiles`);
    await eachOf(objects, ({ metadata: { namespace, name, uid } }) => {
      return deleteObject(client, customPath('nodeprofiles', namespace, name), uid, signal);
    });
    return objects.length === 0 && Date.now() < settledAtMs
      ? ['an operator that may still write']
      : objects.map(nameOf);
  });
  if (left.length > 0) {
    throw new CleanupError(
      `NodeProfiles are left: ${few(left)}. Does an operator without leader election run? Scale it to 0 and run the cleanup again.`,
    );
  }
  const [labelled, programs] = await Promise.all([
    until(options, objectsMs, () => takeLabels(options)),
    until(options, objectsMs, () => deletePrograms(options)),
  ]);
  if (labelled.length > 0)
    throw new CleanupError(`nodes still have the label: ${few(labelled)}. Run the cleanup again.`);
  if (programs.length > 0) throw new CleanupError(`TracePrograms are left: ${few(programs)}. Run the cleanup again.`);
  const agents = await until(options, limits.agentsMs ?? 90_000, () => listAgents(options));
  onLog(agents.length === 0 ? 'all agents have ended' : `agents that have not ended in time: ${few(agents)}`);
  await tellUninstalled(client, await listProfiles(options), signal);
  onLog('done; PostgresProfiles and the CustomResourceDefinitions stay');
}

async function takeLabels(options: CleanupOptions): Promise<string[]> {
  const { client, onLog, signal } = options;
  const nodes = await listLabelledNodes(options);
  if (nodes.length > 0) onLog(`takes the label from ${nodes.length} nodes`);
  await eachOf(nodes, (node) => setAgentLabel(client, node, false, signal));
  return nodes;
}

async function deletePrograms(options: CleanupOptions): Promise<string[]> {
  const { client, onLog, signal } = options;
  const programs = await listInstalledPrograms(options);
  if (programs.length > 0) onLog(`deletes ${programs.length} TracePrograms`);
  await eachOf(programs, ({ metadata: { name, uid } }) => {
    return deleteObject(client, customPath('traceprograms', undefined, name), uid, signal);
  });
  return programs.map(({ metadata }) => metadata.name);
}

/** Looks until nothing is left or the time is over; what is left then. Errors of one look are logged, of the last one thrown. */
async function until(
  { onLog, signal, pollMs = 1_000 }: CleanupOptions,
  limitMs: number,
  look: () => Promise<string[]>,
): Promise<string[]> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const over = Date.now() >= endMs;
    try {
      const left = await look();
      if (left.length === 0 || over) return left;
    } catch (error) {
      if (over || signal.aborted) throw error;
      onLog(`tries again: ${error}`);
    }
    await sleep(pollMs, undefined, { signal });
  }
}

function nameOf({ metadata }: { metadata: { namespace: string; name: string } }): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function few(names: string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
