import { describe, expect, test } from '@jest/globals';
import { createLibrary, projectTraceProgram, type TraceProgram } from '../../../../agent/node/programs/library.js';

const SOURCE = 'tracepoint:syscalls:sys_enter_openat /PGSCOPE_TARGET/ { @opened = count(); }';
const MAPS = [{ name: 'opened', metric: 'test.opened', kind: 'counter' }];

function stored(spec: object, generation = 1): TraceProgram {
  const metadata = { name: 'own', uid: 'u', resourceVersion: '7', generation };
  return projectTraceProgram({ metadata, spec: { source: SOURCE, maps: MAPS, ...spec } });
}

function libraryOf(program: TraceProgram | undefined, { allowNode = false, synced = true } = {}) {
  const store = new Map(program === undefined ? [] : [['own', program]]);
  return { store, library: createLibrary({ store, synced: () => synced, allowNode }) };
}

describe('a TraceProgram', () => {
  test('is found, checked once for each version of its spec', () => {
    const { store, library } = libraryOf(stored({ description: 'first' }));
    const found = library.find('own');
    expect(found).toMatchObject({ program: { name: 'own', description: 'first' }, version: 'u 1' });
    expect(library.find('own')).toBe(found);
    store.set('own', stored({ description: 'second' }, 2));
    expect(library.find('own')).toMatchObject({ program: { description: 'second' }, version: 'u 2' });
    const again = library.find('own');
    library.keep(new Set());
    expect(library.find('own')).not.toBe(again);
  });

  test('of a newer version of us is read as far as it is known', () => {
    expect(libraryOf(stored({ novelty: 1 })).library.find('own')).toMatchObject({ program: { name: 'own' } });
  });

  test.each([
    ['is not there', undefined, 'UnknownProgram', 'there is no TraceProgram own'],
    ['has a wrong spec', { maps: [{ name: 'opened' }] }, 'ProgramRefused', 'spec.maps[0].metric: is missing'],
    ['is not restricted', { source: SOURCE.replace('/PGSCOPE_TARGET/', '') }, 'ProgramRefused', 'own: line 1: '],
    ['wants to see the node', { scope: 'node' }, 'NodeScopeForbidden', 'programs.allowNodeScope'],
  ])('that %s has a reason', (_, spec, reason, message) => {
    const { library } = libraryOf(spec && stored(spec));
    expect(library.find('own')).toEqual({ reason, message: expect.stringContaining(message) });
  });

  test('may see the node where that is allowed', () => {
    expect(libraryOf(stored({ scope: 'node' }), { allowNode: true }).library.find('own')).toHaveProperty('program');
  });

  test('is not missed before the list is known', () => {
    expect(libraryOf(undefined, { synced: false }).library.find('own')).toMatchObject({ reason: 'Starting' });
  });
});
