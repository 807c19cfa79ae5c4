import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { targetName } from '../../../agent/capture/target-name.js';
import type { Postmaster } from '../../../agent/targets.js';

const server = (id: string, dataDirectory: string): Postmaster => ({
  id,
  dataDirectory,
  pid: 1,
  startTime: '1',
  executable: '/usr/bin/postgres',
});

describe('names of targets', () => {
  test('are the data directory, numbered where two containers have the same path', () => {
    const taken = new Map<string, Postmaster>();
    for (const id of ['1:1', '1:2', '1:3']) taken.set(targetName(server(id, '/data'), taken), server(id, '/data'));
    expect([...taken.keys()]).toEqual(['/data', '/data#2', '/data#3']);
    expect(targetName(server('1:2', '/data'), taken)).toBe('/data#2');
  });

  test('fit what the tracer takes, whatever the path is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (path) => {
        const name = targetName(server('1:1', `/${path}`), new Map());
        expect(Buffer.byteLength(name)).toBeGreaterThanOrEqual(1);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(56);
      }),
    );
  });
});
