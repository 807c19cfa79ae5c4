/** Events as the API group events.k8s.io has them. */
import { randomBytes } from 'node:crypto';
import { API_VERSION } from '../names.js';

export interface ProfileEvent {
  regarding: { namespace: string; name: string; uid: string };
  type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  reason: string;
  /** What was being done, one CamelCase word. */
  action: string;
  /** A sentence for people. */
  note: string;
}

/** The count that the object itself stands for. */
export const FIRST_IN_SERIES = 1;

/** What the API server allows; of a note it counts the bytes. */
const MAX_NOTE = 1024;
const MAX_REASON = 128;
const MAX_NAME = 253;
const MAX_INSTANCE = 128;

export function eventPath(namespace: string, name?: string): string {
  return `/apis/events.k8s.io/v1/namespaces/${namespace}/events${name === undefined ? '' : `/${name}`}`;
}

export function eventObject({ regarding, type, reason, action, note }: ProfileEvent, instance: string, nowMs: number) {
  const suffix = `.${nowMs.toString(16)}${randomBytes(3).toString('hex')}`;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: `${regarding.name.slice(0, MAX_NAME - suffix.length).replace(/[-.]+$/, '')}${suffix}`,
      namespace: regarding.namespace,
    },
    eventTime: microseconds(nowMs),
    reportingController: 'pgscope.dev/operator',
    reportingInstance: instance.slice(0, MAX_INSTANCE),
    regarding: { apiVersion: API_VERSION, kind: 'PostgresProfile', ...regarding },
    type,
    reason: reason.slice(0, MAX_REASON),
    action,
    note: withinBytes(note, MAX_NOTE),
  };
}

export function seriesPatch(count: number, nowMs: number) {
  return { series: { count, lastObservedTime: microseconds(nowMs) } };
}

/** These fields are of the type MicroTime. */
function microseconds(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function withinBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  // A character that is cut in two decodes to U+FFFD.
  return `${bytes
    .subarray(0, limit - Buffer.byteLength('…'))
    .toString()
    .replace(/\uFFFD$/, '')}…`;
}
