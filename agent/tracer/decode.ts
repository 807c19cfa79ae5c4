/** One line of the tracer as an event, checked field by field as far as the agent relies on it. */

import { PHASES, type TracerEvent } from './events.js';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'fingerprint' | 'nanoseconds';

/** The fields that each event must have; what is optional is checked with the counters below. */
const shapes: Record<TracerEvent['type'], Record<string, Kind>> = {
  ready: { kernel: 'string', features: 'object', limits: 'object' },
  attached: {
    target: 'string',
    pid: 'number',
    version: 'string',
    major: 'number',
    verified: 'boolean',
    backends: 'number',
    executable: 'string',
    hooks: 'array',
    missing: 'array',
  },
  refused: { target: 'string', reason: 'string', message: 'string' },
  settings: { target: 'string' },
  detached: { target: 'string', reason: 'string' },
  hook: { target: 'string', name: 'string', role: 'string', state: 'string', message: 'string' },
  identity: { target: 'string', databaseOid: 'number', database: 'string', userOid: 'number', user: 'string' },
  query: { target: 'string', fingerprint: 'fingerprint', text: 'string', truncated: 'boolean' },
  statement: {
    target: 'string',
    fingerprint: 'fingerprint',
    reason: 'string',
    pid: 'number',
    databaseOid: 'number',
    userOid: 'number',
    queryId: 'string',
    startUnixNano: 'nanoseconds',
    durationNs: 'number',
    tag: 'string',
  },
  aggregate: {
    target: 'string',
    fingerprint: 'fingerprint',
    databaseOid: 'number',
    userOid: 'number',
    calls: 'number',
    errors: 'number',
  },
  io: {
    target: 'string',
    backendType: 'string',
    operation: 'string',
    event: 'number',
    calls: 'number',
    durationNs: 'number',
    durations: 'object',
  },
  lock: {
    target: 'string',
    pid: 'number',
    event: 'number',
    databaseOid: 'number',
    userOid: 'number',
    application: 'string',
    text: 'string',
    lock: 'object',
  },
  drained: { unixNano: 'nanoseconds', targets: 'array', losses: 'object', bpf: 'object' },
};

/** Fields of statements and aggregates that may be absent; whatever else they have is a counter. */
const optional: Record<string, Kind> = {
  reason: 'string',
  queryId: 'string',
  startUnixNano: 'nanoseconds',
  tag: 'string',
  application: 'string',
  clientAddress: 'string',
  sqlstate: 'string',
  signal: 'string',
  traceContext: 'object',
  text: 'string',
  textTruncated: 'boolean',
  durations: 'object',
  backendType: 'string',
  work: 'string',
  waits: 'array',
  longWaits: 'array',
  phases: 'array',
  nested: 'array',
};

const checks: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && value >= 0,
  boolean: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  fingerprint: (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value),
  nanoseconds: (value) => typeof value === 'string' && /^\d{1,19}$/.test(value),
};

/** Returns the event, or a sentence that says what is wrong with the line. */
export function decodeEvent(line: string): TracerEvent | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'it is not JSON';
  }
  if (!isRecord(value)) return 'it is not a JSON object';
  if (typeof value.type !== 'string' || !Object.hasOwn(shapes, value.type)) return `its type ${value.type} is unknown`;
  const type = value.type as TracerEvent['type'];
  const wrong = wrongField(value, shapes[type]) ?? wrongInside(type, value);
  if (wrong !== undefined) return `its ${type} event has a bad field ${wrong}`;
  return value as unknown as TracerEvent;
}

function isDrainedTarget(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { target, backends, sessions } = value;
  return checks.string(target) && checks.number(backends) && (sessions === undefined || areSessions(sessions));
}

function areSessions(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { states, privateBytes, sharedBytes, largest } = value;
  return (
    isRecord(states) &&
    Object.values(states).every(checks.number) &&
    checks.number(privateBytes) &&
    checks.number(sharedBytes) &&
    Array.isArray(largest) &&
    largest.every(isRecord)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return checks.object(value);
}

function wrongField(value: Record<string, unknown>, shape: Record<string, Kind>): string | undefined {
  return Object.keys(shape).find((name) => !checks[shape[name] ?? 'string'](value[name]));
}

function wrongInside(type: TracerEvent['type'], value: Record<string, unknown>): string | undefined {
  if (type === 'statement' || type === 'aggregate') return wrongCounter(value);
  if (type === 'io') return wrongIo(value);
  if (type === 'drained') return (value.targets as unknown[]).every(isDrainedTarget) ? undefined : 'targets';
  return type === 'lock' ? (wrongTime(value) ?? wrongLock(value.lock)) : undefined;
}

function wrongIo(value: Record<string, unknown>): string | undefined {
  if (!isRecord(value.durations) || !isHistogram(value.durations)) return 'durations';
  return ['errors', 'bytes', 'storageReadBytes'].find(
    (name) => value[name] !== undefined && !checks.number(value[name]),
  );
}

function wrongLock(lock: unknown): string | undefined {
  const { mode, fields, blockers } = isRecord(lock) ? lock : {};
  if (!checks.number(mode) || !Array.isArray(fields) || !fields.every(checks.number)) return 'lock';
  const areSessions =
    Array.isArray(blockers) && blockers.every((each) => isRecord(each) && wrongTime(each) === undefined);
  return areSessions ? undefined : 'lock';
}

function wrongTime(session: Record<string, unknown>): string | undefined {
  return ['sinceUnixNano', 'transactionStartUnixNano'].find(
    (name) => session[name] !== undefined && !checks.nanoseconds(session[name]),
  );
}

function wrongCounter(value: Record<string, unknown>): string | undefined {
  for (const name in value) {
    if (name === 'type' || name === 'target' || name === 'fingerprint') continue;
    if (!checks[kindOf(name)](value[name])) return name;
  }
  if (isRecord(value.durations) && !isHistogram(value.durations)) return 'durations';
  return (Object.keys(LISTS) as (keyof typeof LISTS)[]).find(
    (name) => Array.isArray(value[name]) && !LISTS[name](value[name]),
  );
}

const LISTS: Record<'waits' | 'longWaits' | 'phases' | 'nested', (list: unknown[]) => boolean> = {
  waits: (list) => list.every(isWait),
  longWaits: (list) => list.every(isWait),
  phases: arePhases,
  nested: areNested,
};

/** A line may have fields of any name: one such as `constructor` must not find what every object inherits. */
function kindOf(name: string): Kind {
  return (Object.hasOwn(optional, name) ? optional[name] : undefined) ?? 'number';
}

function isWait(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { event, waitNs, count, startUnixNano } = value;
  const rest = startUnixNano === undefined ? checks.number(count) : checks.nanoseconds(startUnixNano);
  return rest && checks.number(event) && checks.number(waitNs);
}

function arePhases(list: unknown[]): boolean {
  const names = new Set(list.map((each) => (isRecord(each) ? each.phase : undefined)));
  return names.size === list.length && list.every(isPhase);
}

const PHASE_NAMES: ReadonlySet<unknown> = new Set(PHASES);

function isPhase(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return PHASE_NAMES.has(value.phase) && checks.nanoseconds(value.startUnixNano) && checks.number(value.ns);
}

/** A span is made of each; the tracer has places for 12. */
const MAX_NESTED = 16;

function areNested(list: unknown[]): boolean {
  return list.length <= MAX_NESTED && list.every(isNested);
}

/** `index`: its own, which that of its parent is below. */
function isNested(value: unknown, index: number): boolean {
  if (!isRecord(value)) return false;
  const { fingerprint, depth, parent, calls, startUnixNano, spanNs, durationNs } = value;
  const isPlaced =
    parent === undefined || (Number.isInteger(parent) && checks.number(parent) && Number(parent) < index);
  const areNumbers = [depth, calls, spanNs, durationNs].every(checks.number);
  return isPlaced && areNumbers && checks.fingerprint(fingerprint) && checks.nanoseconds(startUnixNano);
}

function isHistogram({ scale, offset, counts }: Record<string, unknown>): boolean {
  return Number.isInteger(scale) && Number.isInteger(offset) && Array.isArray(counts) && counts.every(checks.number);
}
