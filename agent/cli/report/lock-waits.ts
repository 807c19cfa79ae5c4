/** Waits for locks, as the captured spans tell them: who waited, for how long, and who stood in the way. */
import { LOCK, POINT, QUERY, RESOURCE, SPAN } from '../../telemetry.js';
import type { Attributes, Resource, SpanRecord } from './otlp.js';
import { isStatement } from './slowest.js';

/** Waits that are kept: the longest ones. */
export const MAX_LOCK_WAITS = 10_000;
/** Statements that have waited for a lock and are remembered until their waits come. */
const MAX_STATEMENTS = 20_000;
const MAX_PHASES = 6 * MAX_STATEMENTS;
const MAX_TEXT = 300;
/** PostgreSQL looks for a deadlock in the middle of a wait, and may stand in the run queue meanwhile: it is one wait all the same. */
const SAME_WAIT_SECONDS = 0.1;

export interface Blocker {
  /** As PostgreSQL shows it. */
  pid: number;
  /** It does not hold the lock, but waits in front. */
  isQueued: boolean;
  /** Empty where it is not known, as are all texts here. */
  state: string;
  application: string;
  /** Its statement, or its last one. */
  summary: string;
  text: string;
  /** When its transaction began, Unix seconds; undefined if it had none. */
  transactionSeconds: number | undefined;
}

export interface LockWait {
  server: Resource;
  /** Undefined where the statement is not in the file. */
  pid: number | undefined;
  summary: string;
  /** Its beginning. */
  text: string;
  application: string;
  /** SQLSTATE, if the statement has failed. */
  failure: string;
  /** `ShareLock`. */
  mode: string;
  /** `transaction 771`. */
  object: string;
  /** Unix seconds. */
  fromSeconds: number;
  toSeconds: number;
  /** The one that is told at length; undefined if nobody was seen. */
  blocker: Blocker | undefined;
  /** PIDs of all that were seen. */
  blockerPids: number[];
}

type Statement = Pick<LockWait, 'pid' | 'summary' | 'text' | 'application' | 'failure'>;

const UNKNOWN: Statement = { pid: undefined, summary: '', text: '', application: '', failure: '' };

export class LockWaitStore {
  readonly #statements = new Map<string, Statement>();
  /** Of these statements: a wait stands below the phase in which it was. In a file they come behind their statement. */
  readonly #phases = new Map<string, Statement>();
  #spans: SpanRecord[] = [];
  /** Waits that were left out, the shortest ones. */
  leftOut = 0;

  add(span: SpanRecord): void {
    if (isStatement(span)) this.#addStatement(span);
    else if (isLockWait(span)) this.#addWait(span);
    else if (span.attributes[POINT.phase.name] !== undefined) this.#addPhase(span);
  }

  /** The earliest first. */
  waits(): LockWait[] {
    this.#dropShortest();
    const spans = this.#spans.toSorted((a, b) => Number(a.startNs - b.startNs));
    const waits: LockWait[] = [];
    const last = new Map<string, LockWait>();
    for (const span of spans) {
      const above = keyOf(span.traceId, span.parentSpanId);
      const wait = waitOf(span, this.#statements.get(above) ?? this.#phases.get(above) ?? UNKNOWN);
      const key = `${above} ${wait.mode} ${wait.object}`;
      const before = last.get(key);
      if (before !== undefined && wait.fromSeconds - before.toSeconds < SAME_WAIT_SECONDS) {
        before.toSeconds = wait.toSeconds;
      } else {
        last.set(key, wait);
        waits.push(wait);
      }
    }
    return waits;
  }

  #addStatement({ traceId, spanId, name, attributes }: SpanRecord): void {
    if (!textAt(attributes, SPAN.waits.name).includes('Lock:') || this.#statements.size >= MAX_STATEMENTS) return;
    const pid = attributes[SPAN.pid.name];
    this.#statements.set(keyOf(traceId, spanId), {
      pid: typeof pid === 'number' ? pid : undefined,
      summary: textAt(attributes, QUERY.summary.name) || name,
      text: textAt(attributes, SPAN.text.name).slice(0, MAX_TEXT),
      application: textAt(attributes, SPAN.application.name),
      failure: textAt(attributes, SPAN.statusCode.name),
    });
  }

  #addPhase({ traceId, spanId, parentSpanId }: SpanRecord): void {
    const statement = this.#statements.get(keyOf(traceId, parentSpanId));
    if (statement === undefined || this.#phases.size >= MAX_PHASES) return;
    this.#phases.set(keyOf(traceId, spanId), statement);
  }

  #addWait(span: SpanRecord): void {
    this.#spans.push(span);
    if (this.#spans.length >= 2 * MAX_LOCK_WAITS) this.#dropShortest();
  }

  #dropShortest(): void {
    if (this.#spans.length <= MAX_LOCK_WAITS) return;
    const length = ({ startNs, endNs }: SpanRecord) => Number(endNs - startNs);
    this.leftOut += this.#spans.length - MAX_LOCK_WAITS;
    this.#spans = this.#spans.sort((a, b) => length(b) - length(a)).slice(0, MAX_LOCK_WAITS);
  }
}

function isLockWait({ resource, attributes }: SpanRecord): boolean {
  return attributes[POINT.waitType.name] === 'Lock' && resource.attributes[RESOURCE.dbSystem.name] !== undefined;
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId} ${spanId}`;
}

function waitOf({ resource, startNs, endNs, attributes }: SpanRecord, statement: Statement): LockWait {
  const fromSeconds = Number(startNs) / 1e9;
  const blocker = blockerOf(attributes, fromSeconds);
  const others = textAt(attributes, LOCK.otherPids.name)
    .split(', ')
    .map(Number)
    .filter((pid) => pid > 0);
  return {
    ...statement,
    server: resource,
    mode: textAt(attributes, POINT.lockMode.name),
    object: textAt(attributes, LOCK.object.name) || textAt(attributes, POINT.waitEvent.name),
    fromSeconds,
    toSeconds: Math.max(fromSeconds, Number(endNs) / 1e9),
    blocker,
    blockerPids: blocker === undefined ? [] : [blocker.pid, ...others],
  };
}

function blockerOf(attributes: Attributes, fromSeconds: number): Blocker | undefined {
  const pid = attributes[LOCK.pid.name];
  const open = attributes[LOCK.transaction.name];
  if (typeof pid !== 'number') return undefined;
  return {
    pid,
    isQueued: attributes[LOCK.role.name] === 'waiter',
    state: textAt(attributes, LOCK.state.name),
    application: textAt(attributes, LOCK.application.name),
    summary: textAt(attributes, LOCK.summary.name),
    text: textAt(attributes, LOCK.text.name),
    transactionSeconds: typeof open === 'number' ? fromSeconds - open : undefined,
  };
}

function textAt(attributes: Attributes, name: string): string {
  const value = attributes[name];
  return value === undefined ? '' : String(value);
}
