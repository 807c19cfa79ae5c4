import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type NodeProfileStatus, PROGRAM_STATES, type ProgramRow } from '../../../../api/node-profile.js';
import { canonical } from '../../../../operator/canonical.js';
import type { DesiredNodeProfile } from '../../../../operator/profiles/node-profiles.js';
import { agent, attachedStatus, exportingCondition, node, pod, profile } from '../objects.js';
import { assessed, message, states } from '../scene.js';

const pods = [pod('a'), pod('b', { node: 'worker-2' })];
const programs = [{ name: 'pg-cpudist' }, { name: 'mine' }];
const asking = profile({ selector: {}, programs });

const RUNNING: Omit<ProgramRow, 'name'> = { state: 'Running', reason: 'Running', message: '', running: 1 };
const REFUSED = { state: 'Failed', reason: 'ProgramRefused', message: 'line 3: has no PGSCOPE_TARGET.' } as const;
const STARTING = { state: 'Pending', reason: 'Starting', message: 'bpftrace is being started' } as const;

/** Everything is attached and every program runs, but for what `changes` has under `NODE/PROGRAM`; undefined: no row. */
function told(changes: Record<string, Partial<ProgramRow> | undefined> = {}) {
  return (desired: DesiredNodeProfile): NodeProfileStatus => ({
    ...attachedStatus(desired),
    programs: desired.spec.programs.flatMap(({ name }): ProgramRow[] => {
      const key = `${desired.spec.nodeName}/${name}`;
      return key in changes && changes[key] === undefined ? [] : [{ name, ...RUNNING, ...changes[key] }];
    }),
  });
}

const seen = (changes: Parameters<typeof told>[0]) => assessed({ profile: asking, pods, report: told(changes) });

test('without programs there is nothing to run', () => {
  const none = assessed({ pods });
  expect(states(none)).toMatchObject({ Ready: 'True/Profiling', ProgramsRunning: 'True/NoPrograms' });
  expect(message(none, 'ProgramsRunning')).toBe('The profile names no programs.');
});

test('all run on every node', () => {
  expect(states(seen({}))).toMatchObject({ Ready: 'True/Profiling', ProgramsRunning: 'True/ProgramsRunning' });
  expect(message(seen({}), 'ProgramsRunning')).toBe('2 programs running.');
});

test('one that has ended itself is no flaw, and is told of', () => {
  const done = seen({ 'worker-1/mine': { state: 'Done', reason: 'Done', message: 'it has called exit()' } });
  expect(states(done)).toMatchObject({ Ready: 'True/Profiling', ProgramsRunning: 'True/ProgramsRunning' });
  expect(message(done, 'ProgramsRunning')).toBe(
    '1 of 2 programs running, the rest has ended by itself: program mine, node worker-1: it has called exit().',
  );
});

describe('one that fails', () => {
  const broken = seen({ 'worker-1/mine': REFUSED, 'worker-2/mine': REFUSED, 'worker-1/pg-cpudist': STARTING });

  test('is named, with where and why, and makes the profile not Ready', () => {
    expect(states(broken)).toMatchObject({ Ready: 'False/ProgramRefused', ProgramsRunning: 'False/ProgramRefused' });
    expect(message(broken, 'Ready')).toBe(
      '1 of 2 programs cannot be run: program mine, node worker-1, worker-2: line 3: has no PGSCOPE_TARGET.',
    );
  });

  test('makes neither target nor node nor agent fail', () => {
    expect(states(broken)).toMatchObject({
      TargetsResolved: 'True/Resolved',
      ProbesAttached: 'True/Attached',
      Exporting: 'True/Exporting',
    });
    expect(broken.status).toMatchObject({ targets: { matched: 2, attached: 2 }, nodes: { desired: 2, ready: 2 } });
    expect(broken.agentFailing).toBe(false);
    expect(broken.desired).toHaveLength(2);
  });

  test('comes after what keeps servers from being profiled or exported', () => {
    const report = (desired: DesiredNodeProfile) => ({
      ...told({ 'worker-1/mine': REFUSED })(desired),
      conditions: [exportingCondition('False', 'DestinationUnreachable')],
    });
    expect(states(assessed({ profile: asking, pods, report })).Ready).toBe('False/DestinationUnreachable');
  });

  test('is not held against a profile that does not name it any more', () => {
    const report = (desired: DesiredNodeProfile) => ({
      ...attachedStatus(desired),
      programs: [{ name: 'mine', ...RUNNING, ...REFUSED }],
    });
    expect(states(assessed({ pods, report })).ProgramsRunning).toBe('True/NoPrograms');
  });
});

describe('what is not known yet', () => {
  test.each<[string, Partial<ProgramRow> | undefined]>([
    ['bpftrace is being started', STARTING],
    ['Starting', { ...STARTING, message: '' }],
    ['the agent has not looked at it yet', undefined],
  ])('is pending: %s', (text, row) => {
    const waiting = seen({ 'worker-2/mine': row });
    expect(states(waiting)).toMatchObject({ Ready: 'False/Pending', ProgramsRunning: 'False/Pending' });
    expect(message(waiting, 'ProgramsRunning')).toBe(
      `1 of 2 programs not running yet: program mine, node worker-2: ${text}.`,
    );
    expect(waiting.status.nodes).toEqual({ desired: 2, ready: 2 });
  });

  test('is pending while agents have not taken up a new generation', () => {
    const changed = profile({ selector: {}, programs }, { metadata: { generation: 2 } });
    const late = assessed({ profile: changed, pods, generation: 2, report: told() });
    expect(states(late).ProgramsRunning).toBe('False/Pending');
    expect(message(late, 'ProgramsRunning')).toContain('has not taken up the present spec yet');
  });

  test('is unknown where no agent reports', () => {
    const scene = { profile: asking, pods, agents: [agent('worker-1')] };
    const absent = assessed({ ...scene, report: told({ 'worker-1/mine': STARTING }) });
    expect(states(absent).ProgramsRunning).toBe('Unknown/AgentNotReady');
    expect(message(absent, 'ProgramsRunning')).toMatch(/^No agent reports from 1 of 2 nodes: node worker-2: /);
    const failing = assessed({ ...scene, report: told({ 'worker-1/mine': REFUSED, 'worker-2/pg-cpudist': REFUSED }) });
    expect(message(failing, 'ProgramsRunning')).toBe(
      '1 of 2 programs cannot be run: program mine, node worker-1: line 3: has no PGSCOPE_TARGET.',
    );
  });

  test('is unknown where there is no server', () => {
    expect(states(assessed({ profile: asking })).ProgramsRunning).toBe('Unknown/NoTargets');
    const report = (desired: DesiredNodeProfile) =>
      attachedStatus(desired, (row) => ({ ...row, state: 'NoPostgres', reason: 'NoPostmaster' }));
    expect(states(assessed({ profile: asking, pods, report })).ProgramsRunning).toBe('Unknown/NoTargets');
  });
});

describe('while nothing is captured', () => {
  test.each([
    ['False/Suspended', { suspend: true }, {}],
    ['False/Completed', { duration: '10m' }, { startedAt: '2026-03-01T11:30:00Z' }],
    ['Unknown/NotAccepted', { queryText: 'raw' }, {}],
  ])('%s', (state, change, status) => {
    const idle = profile({ selector: {}, programs, ...change }, { status });
    expect(states(assessed({ profile: idle, pods })).ProgramsRunning).toBe(state);
  });

  test('a profile without programs misses none', () => {
    const idle = profile({ selector: {}, suspend: true });
    expect(states(assessed({ profile: idle, pods })).ProgramsRunning).toBe('True/NoPrograms');
  });
});

test('it is the lowest common state, in whatever order things come', () => {
  const worst = { Failed: 'False/Failed', Pending: 'False/Pending', Done: 'True', Running: 'True' };
  const state = fc.constantFrom(...PROGRAM_STATES);
  const keys = ['worker-1', 'worker-2'].flatMap((at) => programs.map(({ name }) => `${at}/${name}`));
  fc.assert(
    fc.property(fc.tuple(state, state, state, state), (all) => {
      const changes = Object.fromEntries(
        keys.map((key, at) => {
          const of = all[at] ?? 'Running';
          return [key, { state: of, reason: of }];
        }),
      );
      const one = seen(changes);
      const other = assessed({
        profile: asking,
        pods: pods.toReversed(),
        nodes: [node('worker-2'), node('worker-1')],
        report: told(changes),
      });
      expect(canonical(other.status)).toBe(canonical(one.status));
      const lowest = PROGRAM_STATES.find((candidate) => all.includes(candidate)) ?? 'Running';
      expect(states(one).ProgramsRunning).toMatch(new RegExp(`^${worst[lowest]}`));
    }),
  );
});
