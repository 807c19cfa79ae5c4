/**
 * Makes the trace programs that come with pgscope TracePrograms of the cluster: `main.js install-programs`, as the chart's hook runs it after
 * an installation and after an upgrade, when the API server knows the kind. What people have written stays as it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceProgramSpec } from '../api/trace-program.js';
import { programNames, readProgram, shippedFolder } from '../api/trace-program-files.js';
import { type KubeClient, KubeError } from '../kube/client.js';
import { makeItSo } from './apply.js';
import { API_VERSION, customPath, isShipped, shippedLabels } from './names.js';

export interface InstallOptions {
  client: KubeClient;
  onLog(line: string): void;
  signal: AbortSignal;
  /** The folder of the programs; default: those that come with pgscope. */
  folder?: string;
  /** How long the API server may need to serve the kind, and requests may fail; default 60 s. */
  limitMs?: number;
  /** Pause between two attempts; default 1 s. */
  pollMs?: number;
}

/** The programs cannot be read, or the cluster does not take them; the message says what to do. */
export class InstallError extends Error {}

interface ProgramObject {
  apiVersion: string;
  kind: 'TraceProgram';
  metadata: { name: string; labels: Record<string, string> };
  spec: TraceProgramSpec;
}

interface StoredProgram {
  metadata: { name: string; uid: string; labels?: Record<string, string> };
}

/** Applies each of them, and deletes those of an older version that come no more. Throws an InstallError. */
export async function installPrograms(options: InstallOptions): Promise<void> {
  const { folder = shippedFolder(), limitMs = 60_000, pollMs = 1_000, onLog, signal } = options;
  const shipped = programNames(folder).map((name) => programObject(folder, name));
  // Without them, all that an earlier version has installed would go.
  if (shipped.length === 0) throw new InstallError(`${folder}: there is no trace program; is the image complete?`);
  const endMs = Date.now() + limitMs;
  for (;;) {
    try {
      return await tryToInstall(options, shipped);
    } catch (error) {
      if (signal.aborted) throw error;
      if (Date.now() >= endMs) throw new InstallError(reasonOf(error));
      onLog(`tries again: ${reasonOf(error)}`);
    }
    await sleep(pollMs, undefined, { signal });
  }
}

async function tryToInstall({ client, onLog, signal }: InstallOptions, shipped: ProgramObject[]): Promise<void> {
  const path = (name?: string) => customPath('traceprograms', undefined, name);
  const { items } = await client.request<{ items: StoredProgram[] }>({ path: path(), signal });
  const own = items.filter(({ metadata }) => isShipped(metadata));
  const others = new Set(items.filter((item) => !own.includes(item)).map(({ metadata }) => metadata.name));
  const kept = shipped.filter(({ metadata }) => others.has(metadata.name));
  const wanted = shipped.filter((program) => !kept.includes(program));
  // Applying what is there already changes nothing.
  const { applied, deleted } = await makeItSo({ client, wanted, present: own, isMet: () => false, path, signal });
  onLog(`has installed ${applied.length} TracePrograms: ${applied.join(', ')}`);
  if (deleted.length > 0) onLog(`has deleted what comes no more: ${deleted.join(', ')}`);
  for (const { metadata } of kept)
    onLog(
      `leaves ${metadata.name} alone, which somebody else has made; delete it and upgrade to get the one that comes with pgscope`,
    );
}

function programObject(folder: string, name: string): ProgramObject {
  const read = readProgram(folder, name);
  if ('errors' in read) throw new InstallError(read.errors.join('; '));
  const metadata = { name: read.name, labels: shippedLabels(read.name) };
  return { apiVersion: API_VERSION, kind: 'TraceProgram', metadata, spec: read.spec };
}

function reasonOf(error: unknown): string {
  const isUnknown = error instanceof KubeError && error.code === 404;
  if (!isUnknown) return (error as Error).message;
  return 'the API server does not know TracePrograms; install their CustomResourceDefinition (crds.install=true), or set programs.install=false';
}
