/** The attributes of what one server's processes waited for, which the points of all its queries share. */

import { type Waited, waitedFor } from '../../waits.js';
import { keyValues } from '../otlp/attributes.js';
import type { KeyValue } from '../otlp/model.js';
import { shareAttributes } from '../otlp/protobuf.js';
import { attributesOfWait } from '../wait-attributes.js';

/**
 * By the number of what was waited for; undefined for idle waits, which have no points. Several numbers can have one name (all locks
 * of extensions are `extension`): their attributes are the same list, so that a query's points can be told once for each.
 */
export type WaitAttributes = (event: number) => readonly KeyValue[] | undefined;

/** PostgreSQL has some 300 events; a server's memory could show any number. */
const MAX_EVENTS = 2000;
const FURTHER: Waited = { type: 'Other', event: 'further' };

/** `major`: PostgreSQL's, which numbers wait events. */
export function createWaitAttributes(major: number): WaitAttributes {
  const byEvent = new Map<number, readonly KeyValue[] | undefined>();
  const byName = new Map<string, readonly KeyValue[]>();
  const ofName = (waited: Waited): readonly KeyValue[] => {
    const name = JSON.stringify(waited);
    const attributes = byName.get(name) ?? shareAttributes(keyValues(attributesOfWait(waited)));
    byName.set(name, attributes);
    return attributes;
  };
  return (event) => {
    if (byEvent.has(event)) return byEvent.get(event);
    if (byEvent.size >= MAX_EVENTS) return ofName(FURTHER);
    const waited = waitedFor(major, event);
    const attributes = waited && ofName(waited);
    byEvent.set(event, attributes);
    return attributes;
  };
}
