/** Which waits are no work: the process sleeps until somebody wants something of it. */
import { waitEvent } from './wait-event.js';

/** The first event of its class in every version from 10 on. */
const CLIENT_READ = 0x06000000;

/** Main loops whose waits are not of type Activity: a logical WAL sender's that has sent all, and a standby's that polls for WAL. */
const MAIN_LOOPS = new Set([
  'Client WalSenderWaitForWAL', // 14 to 16
  'Client WalSenderWaitForWal', // from 17 on
  'Timeout RecoveryRetrieveRetryInterval',
]);

/** Of type Activity, but a promotion waits there for another process. */
const NO_MAIN_LOOPS = new Set(['Activity ReplicationSlotsyncShutdown']);

/** True if a process that waits so is idle whatever it does: a sleep in the main loop of a background process. */
export function isIdle(major: number, info: number): boolean {
  const wait = waitEvent(major, info);
  if (wait === undefined) return false;
  const isActivity = wait.type === 'Activity';
  if (!wait.verified) return isActivity; // its name may be wrong
  const words = `${wait.type} ${wait.name}`;
  return isActivity ? !NO_MAIN_LOOPS.has(words) : MAIN_LOOPS.has(words);
}

/**
 * True if a process that waits so, and executes no statement, is idle. While a statement runs ClientRead is its own time (COPY FROM STDIN),
 * so there isIdle() is the question.
 */
export function isIdleOutsideStatement(major: number, info: number): boolean {
  return info === CLIENT_READ || isIdle(major, info);
}
