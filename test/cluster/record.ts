/**
 * What a local cluster has started, on disk beside its files, so that everything can be found and removed when the process
 * that started it has crashed.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../servers/processes.js';

/** On a disk: containerd's snapshots need a file system below which overlayfs works. */
export const CLUSTERS_DIRECTORY = '/var/tmp/pgscope-cluster';

export interface MachineRecord {
  name: string;
  /** Process 1 of the machine: with it ends every process there, and with these all mounts and interfaces. */
  init: ProcessIdentity;
}

export interface DaemonRecord {
  name: string;
  /** Name of the machine that it runs on. */
  machine: string;
  command: string[];
  /** Absent while it is stopped. */
  process?: ProcessIdentity;
}

export interface ClusterRecord {
  name: string;
  /** Holds this record and all files of the cluster; removed with it. */
  directory: string;
  /** The process that started the cluster; when it has ended, the cluster is a leftover. */
  owner: ProcessIdentity;
  /** Directory of kubectl, helm and the other programs. */
  programs: string;
  machines: MachineRecord[];
  daemons: DaemonRecord[];
  /** Below every hierarchy of cgroups, such as "/pgscope-cluster-1a2b3c". */
  cgroup: string;
}

const RECORD = 'cluster.json';

/** Whole or not at all: it is written anew and renamed. */
export function writeRecord(record: ClusterRecord): void {
  mkdirSync(record.directory, { recursive: true, mode: 0o755 });
  const path = join(record.directory, RECORD);
  writeFileSync(`${path}.new`, JSON.stringify(record, undefined, 2));
  renameSync(`${path}.new`, path);
}

/** Undefined for a directory without a record, such as one that is being removed. */
export function readRecord(directory: string): ClusterRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, RECORD), 'utf8')) as ClusterRecord;
  } catch {
    return undefined;
  }
}

/** Of all clusters on this machine, running or left behind. */
export function readRecords(): ClusterRecord[] {
  try {
    return readdirSync(CLUSTERS_DIRECTORY)
      .map((name) => readRecord(join(CLUSTERS_DIRECTORY, name)))
      .filter((record) => record !== undefined);
  } catch {
    return []; // there has never been a cluster here
  }
}
