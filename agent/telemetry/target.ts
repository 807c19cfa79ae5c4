/** One target as telemetry knows it: its resource, the names behind its OIDs, its queries' descriptions, its metrics. */

import type { DescribedQuery } from '../queries.js';
import type { AggregateEvent, IdentityEvent, StatementEvent } from '../tracer/events.js';
import { NO_TEXT, OUTSIDE_STATEMENTS } from '../tracer/events.js';
import type { IoEvent } from '../tracer/io-event.js';
import { NEWEST_MAJOR } from '../waits.js';
import { createBoundedMap } from './bounded-map.js';
import { createTargetMetrics, type TargetMetrics } from './metrics/target-metrics.js';
import { type Attributes, keyValues } from './otlp/attributes.js';
import type { Resource, Scope, Span } from './otlp/model.js';
import { shareAttributes } from './otlp/protobuf.js';
import { nestedSpans } from './spans/nested-spans.js';
import { phaseSpans } from './spans/phase-spans.js';
import { statementSpan, type Unrecorded } from './spans/statement-span.js';
import { waitSpans } from './spans/wait-spans.js';

export interface TargetOptions {
  /** Series of queries beside the overflow series; default 500. */
  maxQueries: number;
  /** Whether a statement's own text, with literals, may be shown on its span; default false. */
  rawText: boolean;
  /** A series without a change for so long ends; ms, default 10 minutes. */
  idleMs: number;
  /** Descriptions of queries that are kept; the least recently used one is forgotten first; default 2000. */
  maxDescriptions: number;
  /** PostgreSQL's major version, which tells the names of wait events; default: the newest known one. */
  major: number;
}

export const DEFAULT_TARGET_OPTIONS: TargetOptions = {
  maxQueries: 500,
  rawText: false,
  idleMs: 600_000,
  maxDescriptions: 2000,
  major: NEWEST_MAJOR,
};

/** Databases and roles of one server whose names are kept, each. */
const MAX_NAMES = 10_000;

const WITHOUT_TEXT: DescribedQuery = { summary: '(no text)', text: undefined };

export interface Target {
  resource: Resource;
  metrics: TargetMetrics;
  identity(event: IdentityEvent): void;
  describe(fingerprint: string, described: DescribedQuery): void;
  aggregate(event: AggregateEvent, nowUnixNano: bigint): void;
  io(event: IoEvent): void;
  /** The statement's span, and those of its phases, its nested statements and its long waits: some 30 at most. */
  spans(event: StatementEvent): Span[] | Unrecorded;
  /** Series go on as they are. */
  change(options: Pick<TargetOptions, 'maxQueries' | 'rawText'>): void;
  /** What is added from now on happened after `unixNano`. */
  intervalBegins(unixNano: bigint): void;
  /** Descriptions forgotten because of the limit. */
  readonly forgotten: number;
}

export function createTarget(
  key: string,
  attributes: Attributes,
  { scope, nowUnixNano }: { scope: Scope; nowUnixNano: bigint },
  options: TargetOptions,
): Target {
  const resource = { attributes: shareAttributes(keyValues(attributes)) };
  const databases = createBoundedMap<number, string>(MAX_NAMES);
  const users = createBoundedMap<number, string>(MAX_NAMES);
  const descriptions = createBoundedMap<string, DescribedQuery>(options.maxDescriptions);
  const describe = (fingerprint: string) => (fingerprint === NO_TEXT ? WITHOUT_TEXT : descriptions.get(fingerprint));
  const idleNs = BigInt(options.idleMs) * 1_000_000n;
  const { maxQueries, major } = options;
  const metrics = createTargetMetrics({ key, resource, scope, maxQueries, idleNs, describe, major });
  let fromUnixNano = nowUnixNano;
  let { rawText } = options;
  const names = ({ databaseOid, userOid }: { databaseOid: number; userOid: number }) => ({
    database: databases.get(databaseOid) ?? unknownName(databaseOid),
    user: users.get(userOid) ?? unknownName(userOid),
  });
  return {
    resource,
    metrics,
    identity: ({ databaseOid, database, userOid, user }) => {
      databases.set(databaseOid, database);
      users.set(userOid, user);
    },
    describe: (fingerprint, described) => {
      const before = descriptions.get(fingerprint);
      descriptions.set(fingerprint, described);
      if (fingerprint !== OUTSIDE_STATEMENTS && before?.summary !== described.summary) metrics.redescribed(fingerprint);
    },
    aggregate: (event, toUnixNano) => {
      const { database, user } = names(event);
      metrics.add(event, database, user, { fromUnixNano, toUnixNano });
    },
    io: (event) => metrics.addIo(event, fromUnixNano),
    spans: (event) => {
      const context = { described: describe(event.fingerprint), ...names(event), rawText, major };
      const statement = statementSpan(event, context);
      if (typeof statement === 'string') return statement;
      const phases = phaseSpans(event, statement);
      const nested = nestedSpans(event, { statement, phases, describe });
      return [statement, ...phases, ...nested, ...waitSpans(event, { statement, phases, major })];
    },
    change: (changed) => {
      rawText = changed.rawText;
      metrics.setMaxQueries(changed.maxQueries);
    },
    intervalBegins: (unixNano) => {
      if (unixNano > fromUnixNano) fromUnixNano = unixNano;
    },
    get forgotten() {
      return descriptions.evicted;
    },
  };
}

/** A name that cannot be taken for a real one, and is not the same for two; none for OID 0 (no database, no role). */
function unknownName(oid: number): string {
  return oid === 0 ? '' : `oid:${oid}`;
}
