/** Which kind of file a wait event speaks of. */
import { describe, expect, test } from '@jest/globals';
import { ownTable } from '../../../agent/waits/tables.js';
import { fileKindOf } from '../../../agent/waits.js';

const IO = 10;
const MAJORS = [14, 15, 16, 17, 18];

function infoOf(major: number, name: string): number {
  const names = ownTable(major)?.classes[IO]?.names ?? {};
  const found = Object.entries(names).find(([, each]) => each.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`PostgreSQL ${major} has no IO/${name}`);
  return IO * 2 ** 24 + Number(found[0]);
}

describe.each(MAJORS)('PostgreSQL %i', (major) => {
  test.each([
    ['DataFileRead', 'relation'],
    ['DataFileExtend', 'relation'],
    ['DataFileFlush', 'relation'],
    ['DataFileSync', 'relation'],
    ['WALWrite', 'wal'],
    ['WALSync', 'wal'],
    ['WALInitWrite', 'wal'],
    ['WALRead', 'wal'],
    ['BufFileRead', 'temporary'],
    ['BufFileWrite', 'temporary'],
    ['SLRURead', 'other'],
    ['ControlFileSync', 'other'],
  ])('%s is of kind %s', (name, kind) => {
    expect(fileKindOf(major, infoOf(major, name))).toBe(kind);
  });

  test('no event is of no known kind, and an event of another class of another', () => {
    expect(fileKindOf(major, 0)).toBe('unknown');
    expect(fileKindOf(major, 0x09000001)).toBe('other');
    expect(fileKindOf(major, 0x0affffff)).toBe('other');
  });
});

test('io_uring reads relations, and summaries of WAL are no WAL', () => {
  expect(fileKindOf(18, infoOf(18, 'AioIoUringExecution'))).toBe('relation');
  expect(fileKindOf(18, infoOf(18, 'WalSummaryWrite'))).toBe('other');
});

test('of a version that is not known nothing is said', () => {
  expect(fileKindOf(13, 0x0a000001)).toBe('unknown');
  expect(fileKindOf(99, infoOf(18, 'DataFileRead'))).toBe('unknown');
});
