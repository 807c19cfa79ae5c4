/** How one delivery of a batch ended. */

import type { LOSSES } from '../loss-names.js';

export type Outcome =
  | { kind: 'delivered'; rejected: number; message: string }
  /** Nothing arrived, but it may if it is tried again; `afterMs`: not before so long, as the receiver asks. */
  | { kind: 'retry'; message: string; afterMs?: number }
  /** It will not arrive by being tried again; `lasting`: nor will what follows, unless the receiver changes. */
  | { kind: 'lost'; reason: LossReason; message: string; lasting?: true };

export type LossReason = keyof typeof LOSSES.export;

/** Delivers one encoded request, which nobody may read afterwards; never rejects. `abort` ends it early. */
export type Deliver = (body: Uint8Array, abort: AbortSignal) => Promise<Outcome>;
