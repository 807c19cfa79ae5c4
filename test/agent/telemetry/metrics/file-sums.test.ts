import { expect, test } from '@jest/globals';
import { createFileSums } from '../../../../agent/telemetry/metrics/file-sums.js';
import { snapshotPart } from '../../../../agent/telemetry/metrics/snapshot.js';
import { io } from '../events.js';
import { type FoundPoint, pointsOf } from '../points.js';

const READ = 167772177; // of PostgreSQL 15: IO/DataFileRead
const WAL_SYNC = 167772230;
const START = 5n;

function pointsAt(sums: ReturnType<typeof createFileSums>, ended = false): FoundPoint[] {
  const part = snapshotPart({ attributes: [] }, { name: 'pgscope', version: '0' }, sums.metrics('9', ended));
  return pointsOf([{ key: '', parts: [part], final: ended }]);
}

test('no series before the first call', () => {
  expect(createFileSums(15).metrics('9', false)).toEqual([]);
});

test('calls of one type of process, operation and kind of file add up, whatever the event', () => {
  const sums = createFileSums(15);
  sums.add(io({ event: READ, calls: 2, bytes: 16384, storageReadBytes: 8192 }), START);
  sums.add(io({ event: READ, calls: 3, bytes: 8192, errors: 1 }), 7n);
  sums.add(io({ event: WAL_SYNC, operation: 'sync', backendType: 'walwriter' }), 7n);
  const of = (metric: string) => pointsAt(sums).filter((point) => point.metric === metric);
  expect(of('postgresql.file.operation.duration')).toMatchObject([
    {
      value: 5,
      start: START,
      attributes: {
        'pgscope.backend.type': 'client backend',
        'pgscope.file.operation': 'read',
        'pgscope.file.kind': 'relation',
      },
    },
    {
      value: 1,
      start: 7n,
      attributes: {
        'pgscope.backend.type': 'walwriter',
        'pgscope.file.operation': 'sync',
        'pgscope.file.kind': 'wal',
      },
    },
  ]);
  expect(of('postgresql.file.io')).toMatchObject([{ value: 24576 }]);
  expect(of('postgresql.file.storage.read')).toMatchObject([{ value: 8192 }]);
  expect(of('postgresql.file.operation.errors')).toMatchObject([{ value: 1 }]);
});

test('what ends says no value', () => {
  const sums = createFileSums(15);
  sums.add(io({ event: READ, bytes: 8192 }), START);
  const points = pointsAt(sums, true);
  expect(points.map(({ metric }) => metric)).toEqual(['postgresql.file.operation.duration', 'postgresql.file.io']);
  for (const { ended, value } of points) expect({ ended, value }).toEqual({ ended: true, value: undefined });
});
