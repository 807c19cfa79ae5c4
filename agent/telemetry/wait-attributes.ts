/** What a wait was for, on metric points and spans. */

import type { Waited } from '../waits.js';
import { POINT } from './names.js';
import type { Attributes } from './otlp/attributes.js';

export function attributesOfWait({ type, event, lockMode }: Waited): Attributes {
  return { [POINT.waitType.name]: type, [POINT.waitEvent.name]: event, [POINT.lockMode.name]: lockMode };
}
