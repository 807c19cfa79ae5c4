/** Columns of `kubectl get` that more than one resource has. */
import type { PrinterColumn } from './definition.js';

/** The column's path to a field of one condition. */
export function conditionPath(type: string, field: string): string {
  return `.status.conditions[?(@.type=="${type}")].${field}`;
}

export const READY: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: conditionPath('Ready', 'status') };
export const REASON: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: conditionPath('Ready', 'reason'),
  priority: 1,
};
export const LEVEL: PrinterColumn = { name: 'Level', type: 'string', jsonPath: '.spec.level' };
export const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
