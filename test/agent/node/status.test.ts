import { describe, expect, test } from '@jest/globals';
import type { ContainerView } from '../../../agent/node/capture.js';
import { exportingCondition } from '../../../agent/node/export-health.js';
import { keyOfTarget } from '../../../agent/node/plan.js';
import { type StatusFacts, statusOf } from '../../../agent/node/status.js';
import { ID, KEY, OTHER_ID, OTHER_KEY, profile, target } from './profiles.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const nothing: ContainerView = { sight: 'nothing', pid: undefined, servers: [], refusals: [] };
const refused = { reason: 'MissingSymbols', message: 'it has no EndCommand' };
const server = {
  target: 'shop/orders-db-0/postgres',
  pid: 42,
  startTime: '1',
  id: `${ID} 1:1`,
  dataDirectory: '/data',
  executable: '/postgres',
  version: '18.4',
  major: 18,
  verified: true,
  backends: 5,
  attachedAt: NOW,
};
const delivered = { kind: 'delivered', rejected: 0, message: '' } as const;
const taking = { fault: undefined, signals: [{ signal: 'metrics', last: delivered } as const] };

function status(views: Record<string, Partial<ContainerView>>, change: Partial<StatusFacts> = {}, spec = {}) {
  const facts: StatusFacts = {
    refusal: undefined,
    tracer: { kind: 'running' },
    view: (container) => ({ ...nothing, ...views[container] }),
    targets: new Map(),
    programs: [],
    health: taking,
    lostEvents: 0,
    ...change,
  };
  return statusOf(profile('orders', spec), facts, [], NOW);
}

describe('a row', () => {
  test.each([
    ['nothing is seen', {}, 'Pending', 'ContainerNotFound'],
    ['it is in the cgroup of another pod', { sight: 'foreign' }, 'Failed', 'ForeignContainer'],
    ['no server is in it', { sight: 'processes' }, 'NoPostgres', 'NoPostmaster'],
    ['a server is not attached yet', { sight: 'postmaster' }, 'Pending', 'Attaching'],
    ['a server is refused', { sight: 'postmaster', refusals: [refused] }, 'Failed', 'MissingSymbols'],
    ['a server is attached', { sight: 'postmaster', servers: [server] }, 'Attached', 'Attached'],
  ] as const)('where %s', (_, view, state, reason) => {
    const { targets } = status({ [KEY]: view as Partial<ContainerView> });
    expect(targets).toEqual([expect.objectContaining({ containerID: `containerd://${ID}`, state, reason })]);
  });

  const outOfWork: [string, Partial<StatusFacts>][] = [
    ['the tracer is being started', { tracer: { kind: 'starting' } }],
    ['the tracer has died', { tracer: { kind: 'restarting' } }],
    ['the tracer cannot run', { tracer: { kind: 'failed', reason: 'NotPermitted', message: '' } }],
    ['the profile is refused', { refusal: { state: 'Failed', reason: 'RawTextForbidden', message: '' } }],
    ['the time is over', { refusal: { state: 'Detached', reason: 'Expired', message: '' } }],
  ];
  test.each(outOfWork)(
    'of a sidecar says that it is one also while %s, and that of a server has its PID',
    (_, facts) => {
      const views = { [KEY]: { sight: 'processes' }, [OTHER_KEY]: { sight: 'postmaster', pid: 42 } } as const;
      const { targets } = status(views, facts, { targets: [target(), target(OTHER_ID)] });
      expect(targets?.[0]).toMatchObject({ state: 'NoPostgres', reason: 'NoPostmaster' });
      expect(targets?.[0]).not.toHaveProperty('pid');
      expect(targets?.[1]).toMatchObject({ state: expect.stringMatching(/Pending|Failed|Detached/), pid: 42 });
    },
  );

  test.each([
    [{ kind: 'starting' }, 'Pending', 'TracerStarting'],
    [{ kind: 'restarting' }, 'Pending', 'TracerRestarting'],
    [{ kind: 'failed', reason: 'NotPermitted', message: 'run as root' }, 'Failed', 'NotPermitted'],
  ] as const)('while the tracer is %j', (tracer, state, reason) => {
    const { targets } = status({ [KEY]: { sight: 'postmaster', servers: [server] } }, { tracer });
    expect(targets?.[0]).toMatchObject({ state, reason });
  });

  test('of a container with a server that is refused beside one that is attached says so', () => {
    const { targets } = status({ [KEY]: { sight: 'postmaster', servers: [server], refusals: [refused] } });
    expect(targets?.[0]).toMatchObject({ state: 'Attached', pid: 42, message: 'it has no EndCommand' });
  });
});

describe('conditions', () => {
  const types = (of: ReturnType<typeof status>) =>
    of.conditions?.map(({ type, status, reason }) => [type, status, reason]);

  test('are good when all is attached and exported', () => {
    const good = status({ [KEY]: { sight: 'postmaster', servers: [server] } }, { lostEvents: 12_345 });
    expect(types(good)).toEqual([
      ['Ready', 'True', 'Profiling'],
      ['Exporting', 'True', 'Exporting'],
    ]);
    expect(good).toMatchObject({ observedGeneration: 3, lostEvents: 12_000 });
  });

  test('are not known before anything has arrived', () => {
    const waiting = { fault: undefined, signals: [{ signal: 'metrics', last: undefined } as const] };
    expect(types(status({ [KEY]: { sight: 'postmaster', servers: [server] } }, { health: waiting }))).toEqual([
      ['Ready', 'Unknown', 'NothingYet'],
      ['Exporting', 'Unknown', 'NothingYet'],
    ]);
  });

  test('are not spoiled by a sidecar of the same pod, but by a pod without a server', () => {
    const views = { [KEY]: { sight: 'postmaster', servers: [server] }, [OTHER_KEY]: { sight: 'processes' } } as const;
    const both = { targets: [target(), target(OTHER_ID)] };
    expect(status(views as never, {}, both).conditions?.[0]).toMatchObject({ status: 'True' });
    const lonely = target(OTHER_ID, { podUID: 'pod-2' });
    const apart = { targets: [target(), lonely] };
    expect(
      status({ ...views, [keyOfTarget(lonely)]: views[OTHER_KEY] } as never, {}, apart).conditions?.[0],
    ).toMatchObject({
      status: 'False',
      reason: 'NoPostmaster',
    });
  });

  test('keep the time of their last change until they change', () => {
    const before = status({}).conditions ?? [];
    const later = new Date('2026-01-02T00:00:00Z');
    const facts: StatusFacts = {
      refusal: undefined,
      tracer: { kind: 'running' },
      view: () => ({ ...nothing, sight: 'postmaster', servers: [server] }),
      targets: new Map(),
      programs: [],
      health: taking,
      lostEvents: 0,
    };
    const [ready, exporting] = statusOf(profile('orders'), facts, before, later).conditions ?? [];
    expect([ready?.lastTransitionTime, exporting?.lastTransitionTime]).toEqual([
      later.toISOString(),
      NOW.toISOString(),
    ]);
  });

  test('say which program is broken, after all that is worse', () => {
    const program = { name: 'own', state: 'Failed', reason: 'ProgramRefused', message: 'no', running: 0 } as const;
    const attached = { [KEY]: { sight: 'postmaster' as const, servers: [server] } };
    const waiting = (reason: string) => ({ ...program, state: 'Pending', reason }) as const;
    expect(status(attached, { programs: [waiting('NoTargets')] }).conditions?.[0]?.status).toBe('True');
    expect(status(attached, { programs: [waiting('Starting')] }).conditions?.[0]?.reason).toBe('Starting');
    const broken = status(attached, { programs: [program] });
    expect(broken.programs).toEqual([program]);
    expect(broken.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'ProgramRefused', message: 'program own: no' },
      { type: 'Exporting', status: 'True' },
    ]);
    expect(status({}, { programs: [program] }).conditions?.[0]?.reason).toBe('ContainerNotFound');
  });

  test('of a profile that is refused say why', () => {
    const refusal = { state: 'Failed', reason: 'UnknownDestination', message: 'no such destination' } as const;
    expect(types(status({}, { refusal, health: undefined }))).toEqual([
      ['Ready', 'False', 'UnknownDestination'],
      ['Exporting', 'False', 'UnknownDestination'],
    ]);
  });
});

describe('the condition Exporting', () => {
  const retry = { kind: 'retry', message: 'connect ECONNREFUSED' } as const;
  const lost = { kind: 'lost', reason: 'refused', message: 'the receiver answered 401' } as const;
  const noPlace = { ...lost, lasting: true } as const;
  test.each([
    ['nothing was sent', [undefined, undefined], 'Unknown', 'NothingYet'],
    ['both arrive', [delivered, delivered], 'True', 'Exporting'],
    ['one cannot be reached', [delivered, retry], 'False', 'DestinationUnreachable'],
    ['one is refused', [lost, delivered], 'False', 'DestinationRefuses'],
    ['the receiver is one of the other signal alone', [delivered, noPlace], 'True', 'Exporting'],
    ['the receiver has a place for none', [noPlace, noPlace], 'False', 'DestinationRefuses'],
  ] as const)('where %s', (_, [traces, metrics], status, reason) => {
    const signals = [
      { signal: 'traces', last: traces },
      { signal: 'metrics', last: metrics },
    ] as const;
    expect(exportingCondition({ fault: undefined, signals: [...signals] }, undefined)).toMatchObject({
      status,
      reason,
    });
  });

  test.each([
    ['nothing was sent', undefined, 'Unknown', 'NothingYet'],
    ['the receiver has taken the last request, be it empty', delivered, 'True', 'Exporting'],
    ['it cannot be reached', retry, 'False', 'DestinationUnreachable'],
    ['it has no place for them', noPlace, 'False', 'DestinationRefuses'],
  ] as const)('where traces alone go and %s', (_, last, status, reason) => {
    const health = { fault: undefined, signals: [{ signal: 'traces', last } as const] };
    expect(exportingCondition(health, undefined)).toMatchObject({ status, reason });
  });

  test('where the definition is wrong', () => {
    const judged = exportingCondition({ fault: 'port 4317 is for gRPC', signals: [] }, undefined);
    expect(judged).toMatchObject({ status: 'False', message: 'port 4317 is for gRPC' });
  });
});
