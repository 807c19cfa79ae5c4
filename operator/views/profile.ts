/** A PostgresProfile as the operator keeps it: its spec, read and with defaults, and its status as it is stored. */
import {
  type PostgresProfileSpec,
  type PostgresProfileStatus,
  type Reading,
  readStoredSpec,
} from '../../api/postgres-profile.js';
import { type NamespacedMetadata, namespacedMetadata, type RawMetadata } from './raw.js';

export interface Profile {
  metadata: NamespacedMetadata & { generation: number; creationTimestamp: string };
  /** Whether it is being deleted. */
  terminating: boolean;
  /** The spec, or what is wrong with it: objects can be older than the schema's present rules. */
  reading: Reading<PostgresProfileSpec>;
  /** As it is stored; `{}` before the first one. */
  status: PostgresProfileStatus;
}

export function projectProfile(raw: unknown): Profile {
  const { metadata, spec, status } = raw as { metadata: RawMetadata; spec: unknown; status?: PostgresProfileStatus };
  return {
    metadata: {
      ...namespacedMetadata(metadata),
      generation: metadata.generation ?? 0,
      creationTimestamp: metadata.creationTimestamp ?? '',
    },
    terminating: metadata.deletionTimestamp !== undefined,
    reading: readStoredSpec(spec ?? {}),
    status: status ?? {},
  };
}
