/** Which lock a wait was for, and who held it, as attributes of the wait's span. */

import type { LongWait } from '../../tracer/events.js';
import { type LockObject, lockModeName, lockObject } from '../../waits.js';
import { LOCK, POINT } from '../names.js';
import { double, integers, keyValues } from '../otlp/attributes.js';
import type { KeyValue } from '../otlp/model.js';

const MAX_TEXT = 2048;
const NS_PER_S = 1e9;

/** `event` is PostgreSQL's name of the lock's type, such as `relation`. */
export function lockAttributes({ lock, startUnixNano }: LongWait, event: string): KeyValue[] {
  if (lock === undefined) return [];
  const [blocker, ...others] = lock.blockers;
  const attributes = keyValues({
    [POINT.lockMode.name]: lockModeName(lock.mode),
    [LOCK.object.name]: placed(lockObject(lock.fields, event)),
    [LOCK.blockers.name]: lock.blockers.length,
    [LOCK.pid.name]: blocker?.pid,
    [LOCK.role.name]: blocker && (blocker.waiting ? 'waiter' : 'holder'),
    [LOCK.state.name]: blocker?.state,
    [LOCK.application.name]: blocker?.application || undefined,
    [LOCK.summary.name]: blocker?.described?.summary,
    [LOCK.text.name]: blocker?.described?.text?.slice(0, MAX_TEXT).toWellFormed(),
  });
  if (others.length > 0)
    attributes.push(
      integers(
        LOCK.otherPids.name,
        others.map(({ pid }) => pid),
      ),
    );
  const { transactionStartUnixNano: began } = blocker ?? {};
  if (began === undefined) return attributes;
  return [...attributes, double(LOCK.transaction.name, Number(BigInt(startUnixNano) - BigInt(began)) / NS_PER_S)];
}

function placed({ name, database }: LockObject): string {
  return database === undefined ? name : `${name} in database ${database}`;
}
