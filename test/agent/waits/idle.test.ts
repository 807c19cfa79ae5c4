/** Which waits are idle time. */
import { describe, expect, test } from '@jest/globals';
import { ownTable } from '../../../agent/waits/tables.js';
import { isIdle, isIdleOutsideStatement } from '../../../agent/waits.js';

const MAJORS = [14, 15, 16, 17, 18];

/** The number of a name, found in the table that the code under test uses. */
function infoOf(major: number, type: string, name: string): number {
  for (const [number, waitClass] of Object.entries(ownTable(major)?.classes ?? {}))
    for (const [event, one] of Object.entries(waitClass.names))
      if (waitClass.type === type && one.toLowerCase() === name.toLowerCase())
        return (Number(number) << 24) + Number(event);
  throw new Error(`PostgreSQL ${major} has no ${type}/${name}`);
}

describe.each(MAJORS)('PostgreSQL %i', (major) => {
  test.each([
    ['Activity', 'CheckpointerMain'],
    ['Activity', 'AutovacuumMain'],
    ['Activity', 'WalSenderMain'],
    ['Client', 'WalSenderWaitForWal'],
    ['Timeout', 'RecoveryRetrieveRetryInterval'],
  ])('is idle in %s/%s', (type, name) => {
    expect(isIdle(major, infoOf(major, type, name))).toBe(true);
    expect(isIdleOutsideStatement(major, infoOf(major, type, name))).toBe(true);
  });

  test.each([
    ['Timeout', 'CheckpointWriteDelay'],
    ['Timeout', 'VacuumDelay'],
    ['Timeout', 'PgSleep'],
    ['Timeout', 'RecoveryApplyDelay'],
    ['Client', 'ClientWrite'],
    ['IPC', 'SyncRep'],
    ['Lock', 'advisory'],
    ['LWLock', 'WALWrite'],
    ['IO', 'DataFileRead'],
  ])('is not idle in %s/%s', (type, name) => {
    expect(isIdle(major, infoOf(major, type, name))).toBe(false);
    expect(isIdleOutsideStatement(major, infoOf(major, type, name))).toBe(false);
  });

  test('is idle in ClientRead only outside a statement', () => {
    const clientRead = infoOf(major, 'Client', 'ClientRead');
    expect(isIdleOutsideStatement(major, clientRead)).toBe(true);
    expect(isIdle(major, clientRead)).toBe(false);
  });

  test('is not idle on the CPU', () => {
    expect(isIdle(major, 0)).toBe(false);
    expect(isIdleOutsideStatement(major, 0)).toBe(false);
  });
});

test('a promotion that waits for the slot synchronisation to end is not idle', () => {
  expect(isIdle(17, infoOf(17, 'Activity', 'ReplicationSlotsyncShutdown'))).toBe(false);
});

test('in versions whose names are not known, classes tell', () => {
  expect(isIdle(13, 0x05000003)).toBe(true);
  expect(isIdleOutsideStatement(13, 0x06000000)).toBe(true);
  expect(isIdle(99, 0x05000003)).toBe(true);
  expect(isIdle(99, infoOf(18, 'Activity', 'ReplicationSlotsyncShutdown'))).toBe(true);
  expect(isIdle(99, infoOf(18, 'Timeout', 'RecoveryRetrieveRetryInterval'))).toBe(false);
});
