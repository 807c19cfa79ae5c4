/** The NodeProfile: its types, and the way to read a stored one. The door of api/node-profile/. */
import { check, fieldName, sentences } from './fault.js';
import { type NodeProfileSpec, nodeProfileSpec } from './node-profile/spec.js';
import { withoutUnknownFields } from './postgres-profile/lenient.js';
import type { Reading } from './reading.js';

export type { NodeProfileSpec, NodeProfileTarget } from './node-profile/spec.js';
export {
  type NodeProfileStatus,
  PROGRAM_STATES,
  type ProgramRow,
  type ProgramState,
  TARGET_STATES,
  type TargetRow,
  type TargetState,
} from './node-profile/status.js';

/** Reads a spec that the API server has stored, perhaps by a newer operator: unknown fields are ignored. Fills in the defaults. */
export function readNodeProfileSpec(input: unknown): Reading<NodeProfileSpec> {
  const result = check(nodeProfileSpec, withoutUnknownFields(nodeProfileSpec, input));
  if ('value' in result) return { ok: true, spec: result.value };
  return { ok: false, errors: sentences(result.faults, ({ path, text }) => `${fieldName('spec', path)}: ${text}`) };
}
