/** Tables of wait events from PostgreSQL's sources, in each form that these have had since 14. */
import { describe, expect, test } from '@jest/globals';
import { readTable } from '../../../scripts/wait-events/read-table.js';
import { enumerated, listed, treeOf } from './sources.js';

const LWLOCKS = {
  type: 'LWLock',
  names: { 1: 'ShmemIndex', 3: 'XidGen', 4: 'One', 5: 'Two' },
  others: { from: 6, name: 'extension' },
};
const LOCKS = { type: 'Lock', names: { 0: 'relation', 1: 'page' } };

test('up to 16, events are numbered as their enumerations are', () => {
  expect(readTable(treeOf(enumerated))).toEqual({
    version: '16.9',
    classes: {
      1: LWLOCKS,
      3: LOCKS,
      7: { type: 'Extension', names: {}, others: { from: 0, name: 'Extension' } },
      10: { type: 'IO', names: { 0: 'FirstByNumber', 1: 'FirstByName', 2: 'Appended' } },
    },
  });
});

test('from 17 on, events are numbered in the order of their symbols, those of minor versions last', () => {
  const io = ['AioIoExecution', 'AioIoSubmit', 'WalsenderRead', 'WalRead', 'ZzAppended', 'AaAppended'];
  expect(readTable(treeOf(listed))).toEqual({
    version: '18.4',
    classes: {
      1: LWLOCKS,
      3: LOCKS,
      7: { type: 'Extension', names: { 0: 'Extension' } },
      10: { type: 'IO', names: { ...io } },
    },
  });
});

test('from 19 on, tranches stand in the list of locks', () => {
  const list = `${listed['src/include/storage/lwlocklist.h']}PG_LWLOCKTRANCHE(ONE, One)\nPG_LWLOCKTRANCHE(TWO, Two)\n`;
  const table = readTable(treeOf({ ...listed, 'src/include/storage/lwlocklist.h': list }));
  expect(table.classes[1]).toEqual(LWLOCKS);
});

describe('sources that are not as known are refused', () => {
  const changed = (files: Record<string, string>, path: string, from: string | RegExp, to: string) =>
    treeOf({ ...files, [path]: (files[path] ?? '').replace(from, to) });
  const HEADER = 'src/include/utils/wait_event.h';
  const CODE = 'src/backend/utils/activity/wait_event.c';
  const LIST = 'src/backend/utils/activity/wait_event_names.txt';
  const LWLOCK_CODE = 'src/backend/storage/lmgr/lwlock.c';

  test.each([
    ['no PostgreSQL', treeOf({}), 'the sources have no src/include/utils/wait_event.h'],
    ['an event without a name', changed(enumerated, CODE, 'case WAIT_EVENT_A:', ''), 'WAIT_EVENT_A has no name'],
    ['a number inside', changed(enumerated, HEADER, 'EVENT_APPENDED', 'EVENT_APPENDED = 9'), 'WAIT_EVENT_APPENDED = 9'],
    ['no class', changed(enumerated, HEADER, ' = PG_WAIT_IO', ''), '"WAIT_EVENT_B" does not begin a wait class'],
    ['a class without events', changed(listed, LIST, 'WaitEventIO', 'WaitEventDisk'), 'PG_WAIT_IO has no events'],
    ['a class without a name', changed(listed, CODE, 'case PG_WAIT_IO', ''), 'define 4 wait classes and name 3'],
    ['a row of another form', changed(listed, LIST, 'WAL_READ\t', 'WAL_READ '), 'no wait event: WAL_READ "Waiting."'],
    [
      'a tranche without a name',
      changed(listed, LWLOCK_CODE, '[LWTRANCHE_TWO]', '[LWTRANCHE_2]'),
      'LWTRANCHE_TWO has no',
    ],
    [
      'fewer names than tranches',
      changed(enumerated, LWLOCK_CODE, '"Two"', ''),
      '2 built-in tranches, lwlock.c names 1',
    ],
    [
      'an array that has gone',
      changed(enumerated, LWLOCK_CODE, 'BuiltinTrancheNames', 'Names'),
      'has PostgreSQL moved it?',
    ],
    ['no version', treeOf({ ...listed, 'configure.ac': '' }), 'configure.ac does not say'],
  ])('%s', (_, tree, message) => {
    expect(() => readTable(tree)).toThrow(message);
  });
});
