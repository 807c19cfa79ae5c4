import { describe, expect, test } from '@jest/globals';
import { pod, profile } from './objects.js';
import { assessed, message, states } from './scene.js';

const pods = [pod('a'), pod('b', { node: 'worker-2' })];

describe('a refused profile', () => {
  test('has no NodeProfiles, and says why first', () => {
    const seen = assessed({ profile: profile({ selector: {}, queryText: 'raw', suspend: true }), pods });
    expect(seen.desired).toEqual([]);
    expect(states(seen)).toEqual({
      Ready: 'False/RawTextForbidden',
      Accepted: 'False/RawTextForbidden',
      TargetsResolved: 'Unknown/NotAccepted',
      ProbesAttached: 'Unknown/NotAccepted',
      Exporting: 'Unknown/NothingYet',
      ProgramsRunning: 'Unknown/NotAccepted',
      Completed: 'False/Running',
    });
  });
});

describe('a suspended profile', () => {
  test('has no NodeProfiles, and keeps the number of servers', () => {
    const two = [pod('a', { containers: ['postgres', 'exporter'] }), ...pods.slice(1)];
    const status = { targets: { matched: 2, attached: 2 }, startedAt: '2026-03-01T11:30:00Z' };
    const seen = assessed({ profile: profile({ selector: {}, suspend: true }, { status }), pods: two });
    expect(seen.desired).toEqual([]);
    expect(states(seen)).toMatchObject({
      Ready: 'False/Suspended',
      TargetsResolved: 'True/Resolved',
      ProbesAttached: 'False/Suspended',
      Exporting: 'Unknown/Suspended',
    });
    expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 0 }, nodes: { desired: 2, ready: 0 } });
  });
});

describe('a profile whose time is over', () => {
  const spec = { selector: {}, duration: '10m' };
  const startedAt = '2026-03-01T11:30:00Z';
  const seen = assessed({ profile: profile(spec, { status: { startedAt } }), pods });

  test('has no NodeProfiles and is completed', () => {
    expect(seen.desired).toEqual([]);
    expect(states(assessed({ profile: profile(spec, { status: { startedAt } }), pods }))).toEqual({
      Ready: 'False/Completed',
      Accepted: 'True/Valid',
      TargetsResolved: 'True/Resolved',
      ProbesAttached: 'False/Completed',
      Exporting: 'Unknown/Completed',
      ProgramsRunning: 'True/NoPrograms',
      Completed: 'True/Expired',
    });
    expect(seen.status).toMatchObject({ expiresAt: '2026-03-01T11:40:00.000Z', targets: { matched: 2, attached: 0 } });
  });

  test('does not start again, whatever is edited', () => {
    const edited = profile({ ...spec, duration: '100h' }, { metadata: { generation: 2 }, status: seen.status });
    const after = assessed({ profile: edited, pods });
    expect(after.desired).toEqual([]);
    expect(after.expiresMs).toBeUndefined();
    expect(states(after)).toMatchObject({ Ready: 'False/Completed', Completed: 'True/Expired' });
  });

  test('is looked at again when it is over', () => {
    const running = assessed({ profile: profile({ ...spec, duration: '1h' }, { status: { startedAt } }), pods });
    expect(running.expiresMs).toBe(Date.parse('2026-03-01T12:30:00Z'));
    expect(message(running, 'Completed')).toBe('Captures until 2026-03-01T12:30:00.000Z.');
  });
});
