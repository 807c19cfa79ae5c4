/** The attributes of what one server's processes waited for, which the points of all its queries share. */

import { waitedFor } from '../../waits.js';
import { keyValues } from '../otlp/attributes.js';
import type { KeyValue } from '../otlp/model.js';
import { shareAttributes } from '../otlp/protobuf.js';
import { attributesOfWait } from '../wait-attributes.js';

/** By the number of what was waited for; undefined for idle waits, which have no points. */
export type WaitAttributes = (event: number) => readonly KeyValue[] | undefined;

/** `major`: PostgreSQL's, which numbers wait events. */
export function createWaitAttributes(major: number): WaitAttributes {
  const known = new Map<number, readonly KeyValue[] | undefined>();
  return (event) => {
    if (!known.has(event)) {
      const waited = waitedFor(major, event);
      known.set(event, waited && shareAttributes(keyValues(attributesOfWait(waited))));
    }
    return known.get(event);
  };
}
