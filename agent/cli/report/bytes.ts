/** Bytes over time: read from storage, written, and WAL, of statements or of one type of background process. */
import { type MetricName, POINT, type QUERY_METRICS } from '../../telemetry.js';
import type { PointRecord } from './otlp.js';

export const BYTE_KINDS = ['read', 'written', 'WAL'] as const;

export type ByteKind = (typeof BYTE_KINDS)[number];

/** Undefined for a point that counts none of them. */
export function byteKindOf(
  metrics: Partial<Record<keyof typeof QUERY_METRICS, Pick<MetricName, 'name'>>>,
  { metric, attributes }: PointRecord,
): ByteKind | undefined {
  if (metric === metrics.walSize?.name) return 'WAL';
  if (metric !== metrics.storage?.name) return undefined;
  return attributes[POINT.diskDirection.name] === 'read' ? 'read' : 'written';
}

/** Where a timeline has each of them, from its first slot for bytes on. */
export function byteSlot(kind: ByteKind): number {
  return BYTE_KINDS.indexOf(kind);
}
