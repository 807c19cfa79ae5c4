/** Numbers to names; test/integration/waits compares all of them with what real servers say. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEWEST_MAJOR, nearestTable, ownTable } from '../../../agent/waits/tables.js';
import { waitEvent } from '../../../agent/waits.js';

const MAJORS = [14, 15, 16, 17, 18];
const verified = true;

describe('a known version', () => {
  test.each([
    [14, 0x09000001, 'Timeout', 'PgSleep'],
    [18, 0x09000002, 'Timeout', 'PgSleep'],
    [14, 0x0300000a, 'Lock', 'advisory'],
    [18, 0x03000005, 'Lock', 'transactionid'],
    [16, 0x0a00004a, 'IO', 'VersionFileSync'], // appended in 16.2
    [17, 0x0a000000, 'IO', 'BasebackupRead'],
    [18, 0x0a000000, 'IO', 'AioIoCompletion'],
    [16, 0x05000001, 'Activity', 'AutoVacuumMain'],
    [17, 0x05000001, 'Activity', 'AutovacuumMain'],
    [17, 0x01000008, 'LWLock', 'WALWrite'],
    [18, 0x01000037, 'LWLock', 'CommitTsBuffer'], // the second built-in tranche
  ])('%i says what %i is', (major, info, type, name) => {
    expect(waitEvent(major, info)).toEqual({ type, name, verified });
  });

  test('has one name for all that extensions wait for, up to 16, and the same for pins', () => {
    expect(waitEvent(16, 0x07000000)).toEqual({ type: 'Extension', name: 'Extension', verified });
    expect(waitEvent(16, 0x07000005)).toEqual({ type: 'Extension', name: 'Extension', verified });
    expect(waitEvent(16, 0x04000000)).toEqual({ type: 'BufferPin', name: 'BufferPin', verified });
  });

  test('does not know the names that extensions give, from 17 on', () => {
    expect(waitEvent(17, 0x07000000)).toEqual({ type: 'Extension', name: 'Extension', verified });
    expect(waitEvent(17, 0x07000005)).toEqual({ type: 'Extension', name: 'event 5', verified });
    expect(waitEvent(18, 0x0b000001)).toEqual({ type: 'InjectionPoint', name: 'event 1', verified });
  });

  test.each(MAJORS)('%i calls the tranches of extensions so', (major) => {
    const first = ownTable(major)?.classes[1]?.others?.from ?? 0;
    expect(waitEvent(major, 0x01000000 + first)).toEqual({ type: 'LWLock', name: 'extension', verified });
    expect(waitEvent(major, 0x01000000 + first - 1)?.name).not.toBe('extension');
  });

  test.each(MAJORS)('%i has no name twice', (major) => {
    for (const { names } of Object.values(ownTable(major)?.classes ?? {}))
      expect(new Set(Object.values(names)).size).toBe(Object.values(names).length);
  });
});

describe('a number that names nothing', () => {
  test('is told as it is', () => {
    expect(waitEvent(18, 0x0a00ff01)).toEqual({ type: 'IO', name: 'event 65281', verified });
    expect(waitEvent(14, 0x0100000b)).toEqual({ type: 'LWLock', name: 'XactSLRU', verified });
    expect(waitEvent(17, 0x0100000b)).toEqual({ type: 'LWLock', name: 'event 11', verified }); // the lock is gone
    expect(waitEvent(18, 0x02000003)).toEqual({ type: 'class 2', name: 'event 3', verified });
    expect(waitEvent(16, 0x0b000001)).toEqual({ type: 'class 11', name: 'event 1', verified });
  });

  test('is not taken for another one whose lower bytes it has', () => {
    expect(waitEvent(18, 0x09010002)).toEqual({ type: 'Timeout', name: 'event 65538', verified });
  });

  test('is no wait if it is 0', () => {
    expect(waitEvent(18, 0)).toBeUndefined();
    expect(waitEvent(12, 0)).toBeUndefined();
  });
});

describe('another version', () => {
  test('that is older has only types', () => {
    expect(waitEvent(13, 0x0a000003)).toEqual({ type: 'IO', name: 'event 3', verified: false });
    expect(waitEvent(13, 0x07000000)).toEqual({ type: 'Extension', name: 'event 0', verified: false });
    expect(waitEvent(13, 0x0c000000)).toEqual({ type: 'class 12', name: 'event 0', verified: false });
  });

  test('that is newer has the names of the newest known one, unverified', () => {
    expect(waitEvent(99, 0x09000002)).toEqual({ type: 'Timeout', name: 'PgSleep', verified: false });
  });

  test('has the nearest table', () => {
    expect(nearestTable(13)).toBe(ownTable(14));
    expect(nearestTable(99)).toBe(ownTable(NEWEST_MAJOR));
  });

  test('that is newer may have more tranches of its own', () => {
    expect(waitEvent(99, 0x01000060)).toEqual({ type: 'LWLock', name: 'event 96', verified: false });
  });
});

test('every number of every version has a name', () => {
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 30 }), fc.integer({ min: 1, max: 0xffffffff }), (major, info) => {
      const wait = waitEvent(major, info);
      expect(wait?.type).toMatch(/^(\w+|class \d+)$/);
      expect(wait?.name).toMatch(/^(\w+|event \d+)$/);
    }),
  );
});
