/** What to do about a node's label. */
import { AGENT_LABEL_VALUE } from '../names.js';

export type LabelStep = { do: 'nothing' | 'set' | 'remove' } | { do: 'wait'; ms: number };

export interface LabelState {
  /** Whether a NodeProfile is for the node. */
  wanted: boolean;
  /** The label's present value; undefined without it. */
  label: string | undefined;
  /** For how long no NodeProfile has been for the node; 0 while one is. */
  unwantedForMs: number;
  graceMs: number;
}

export function labelStep({ wanted, label, unwantedForMs, graceMs }: LabelState): LabelStep {
  if (wanted) return { do: label === AGENT_LABEL_VALUE ? 'nothing' : 'set' };
  if (label === undefined) return { do: 'nothing' };
  // Another value brings no agent, so there is nothing to wait for.
  if (label !== AGENT_LABEL_VALUE || unwantedForMs >= graceMs) return { do: 'remove' };
  return { do: 'wait', ms: graceMs - unwantedForMs };
}
