import { expect, test } from '@jest/globals';
import { lockModeName, waitedFor } from '../../../agent/waits.js';

test.each([
  ['a wait event', 18, 0x0900_0002, { type: 'Timeout', event: 'PgSleep' }],
  ['a lock of unknown mode', 18, 0x0300_0000, { type: 'Lock', event: 'relation' }],
  ['a lock and its mode', 14, 0x0308_0000, { type: 'Lock', event: 'relation', lockMode: 'AccessExclusiveLock' }],
  [
    'a lock of another kind and its mode',
    17,
    0x0305_0005,
    { type: 'Lock', event: 'transactionid', lockMode: 'ShareLock' },
  ],
  ['a page fault', 18, 0xf000_0001, { type: 'Kernel', event: 'PageFault' }],
  ['storage without an event', 18, 0xf000_0002, { type: 'Kernel', event: 'Storage' }],
  ['a sleep in the kernel', 18, 0xf000_0003, { type: 'Kernel', event: 'Sleep' }],
  ['what had no room of its own', 18, 0xf000_0004, { type: 'Other', event: 'further' }],
  ['what is summed up by type', 18, 0x0aff_ffff, { type: 'IO', event: 'further' }],
  ['locks that are summed up', 18, 0x03ff_ffff, { type: 'Lock', event: 'further' }],
  ['a newer major, of which only the type is sure', 19, 0x0a00_0005, { type: 'IO', event: 'event 5' }],
  ['an idle background process', 18, 0x0500_0003, undefined],
])('%s', (_, major, event, waited) => {
  expect(waitedFor(major, event)).toEqual(waited);
});

test('modes of locks have PostgreSQL’s names; a number that is none has none', () => {
  expect([1, 8, 0, 9].map(lockModeName)).toEqual(['AccessShareLock', 'AccessExclusiveLock', undefined, undefined]);
});
