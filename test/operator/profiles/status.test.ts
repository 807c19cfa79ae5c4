import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type NodeProfileStatus, TARGET_STATES, type TargetRow } from '../../../api/node-profile.js';
import { canonical } from '../../../operator/canonical.js';
import { agent, attachedStatus, exportingCondition, node, pod, profile } from './objects.js';
import { assessed, message, states } from './scene.js';

const pods = [pod('a'), pod('b', { node: 'worker-2' })];

/** Rows changed where the container ID matches. */
function rows(changes: Record<string, Partial<TargetRow>>) {
  return (desired: Parameters<typeof attachedStatus>[0]): NodeProfileStatus =>
    attachedStatus(desired, (row) => {
      const change = Object.entries(changes).find(([id]) => row.containerID.includes(id))?.[1];
      return { ...row, ...change };
    });
}

describe('a profile whose servers are all profiled', () => {
  const all = assessed({ pods });

  test('is ready, and says so in every condition', () => {
    expect(states(all)).toEqual({
      Ready: 'True/Profiling',
      Accepted: 'True/Valid',
      TargetsResolved: 'True/Resolved',
      ProbesAttached: 'True/Attached',
      Exporting: 'True/Exporting',
      ProgramsRunning: 'True/NoPrograms',
      Completed: 'False/Running',
    });
    expect(all.status).toMatchObject({
      observedGeneration: 1,
      startedAt: '2026-03-01T11:30:00.000Z',
      targets: { matched: 2, attached: 2 },
      nodes: { desired: 2, ready: 2 },
      lostEvents: 0,
    });
    expect(all.status).not.toHaveProperty('expiresAt');
    for (const condition of all.status.conditions ?? []) {
      expect(condition).toMatchObject({ observedGeneration: 1, lastTransitionTime: '2026-03-01T12:00:00Z' });
      expect(condition.message).toMatch(/\.$/);
    }
  });

  test('keeps the time of a condition while its status is the same', () => {
    const before = assessed({ pods, report: rows({ 'a-': { state: 'Failed', reason: 'MissingSymbols' } }) });
    const conditions = before.status.conditions?.map((one) => ({ ...one, lastTransitionTime: '2026-03-01T10:00:00Z' }));
    const now = assessed({ pods, profile: profile(undefined, { status: { ...before.status, conditions } }) });
    const times = now.status.conditions?.map(({ type, lastTransitionTime }) => [
      type,
      lastTransitionTime.slice(11, 13),
    ]);
    expect(Object.fromEntries(times ?? [])).toEqual({
      Ready: '12',
      Accepted: '10',
      TargetsResolved: '10',
      ProbesAttached: '12',
      Exporting: '10',
      ProgramsRunning: '10',
      Completed: '10',
    });
  });
});

describe('without anything to profile', () => {
  test('no pod matches', () => {
    const seen = assessed({ profile: profile({ selector: { matchLabels: { app: 'x' } } }), pods });
    expect(states(seen)).toMatchObject({
      Ready: 'False/NoMatchingPods',
      TargetsResolved: 'False/NoMatchingPods',
      ProbesAttached: 'Unknown/NoTargets',
      Exporting: 'Unknown/NothingYet',
    });
    expect(message(seen, 'Ready')).toBe(
      "No pod matches spec.selector; compare with kubectl get pods -n shop -l 'app=x' --show-labels",
    );
    expect(seen.status).toMatchObject({ targets: { matched: 0, attached: 0 }, nodes: { desired: 0, ready: 0 } });
  });

  test('no pod has the name', () => {
    const seen = assessed({ profile: profile({ podName: 'x' }), pods });
    expect(message(seen, 'Ready')).toBe(
      'There is no pod x in namespace shop; correct spec.podName, or create the pod.',
    );
  });

  test('pods match, none runs', () => {
    const seen = assessed({ pods: [pod('a', { phase: 'Pending' }), pod('b', { node: null, phase: 'Pending' })] });
    expect(states(seen).Ready).toBe('False/NoRunningPods');
    expect(message(seen, 'Ready')).toBe(
      'Pods match, but none is running: pod a is Pending; pod b is not scheduled to a node. See kubectl describe pods -n shop',
    );
  });

  test('one pod that does not run yet is no flaw', () => {
    expect(states(assessed({ pods: [...pods, pod('c', { phase: 'Pending' })] })).Ready).toBe('True/Profiling');
  });

  test.each([
    ['UnsupportedNode', { selector: {} }, pod('c', { spec: { runtimeClassName: 'gvisor' } })],
    ['ContainerNotFound', { selector: {}, container: 'postgres' }, pod('c', { containers: ['db'] })],
  ])('one pod cannot be profiled: %s', (reason, spec, other) => {
    const seen = assessed({ profile: profile(spec), pods: [...pods, other] });
    expect(states(seen)).toMatchObject({ Ready: `False/${reason}`, ProbesAttached: 'True/Attached' });
    expect(message(seen, 'TargetsResolved')).toMatch(/^1 of 3 pods cannot be profiled: pod c has /);
    expect(seen.status.targets).toEqual({ matched: 2, attached: 2 });
  });
});

describe('a pod that is being deleted', () => {
  const metadata = { deletionTimestamp: '2026-03-01T12:00:30Z' };
  const leaving = pod('a', { metadata, containers: ['postgres', 'exporter'] });
  const none = { state: 'NoPostgres' as const, reason: 'NoPostmaster' };
  const exporterBeside = { 'a-exporter': none };

  test('counts while it is attached', () => {
    const seen = assessed({ pods: [leaving, pod('b', { node: 'worker-2' })], report: rows(exporterBeside) });
    expect(states(seen).Ready).toBe('True/Profiling');
    expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 2 }, nodes: { desired: 2, ready: 2 } });
    expect(seen.desired).toHaveLength(2);
  });

  test.each<[string, Partial<TargetRow>]>([
    ['its server has ended', none],
    ['its container has ended', { state: 'Pending', reason: 'ContainerNotFound' }],
    ['its server was never attached', { state: 'Failed', reason: 'MissingSymbols', pid: 7 }],
  ])('is no flaw where %s, and goes on to be wanted', (_, row) => {
    const report = rows({ ...exporterBeside, 'a-postgres': row });
    const seen = assessed({ pods: [leaving, pod('b', { node: 'worker-2' })], report });
    expect(states(seen)).toMatchObject({ Ready: 'True/Profiling', ProbesAttached: 'True/Attached' });
    expect(seen.status).toMatchObject({ targets: { matched: 1, attached: 1 }, nodes: { desired: 1, ready: 1 } });
    expect(message(seen, 'TargetsResolved')).toBe('1 container of 1 running pod selected.');
    expect(seen.desired.map(({ spec }) => spec.nodeName)).toEqual(['worker-1', 'worker-2']);
  });

  test('is no flaw where its node has no agent, or one that has not answered', () => {
    const others = [pod('b', { node: 'worker-2' })];
    const noAgent = assessed({ pods: [leaving, ...others], agents: [agent('worker-2')] });
    expect(states(noAgent).Ready).toBe('True/Profiling');
    expect(noAgent.agentFailing).toBe(false);
    const noAnswer = assessed({
      pods: [leaving, ...others],
      report: (desired) => (desired.spec.nodeName === 'worker-1' ? undefined : attachedStatus(desired)),
    });
    expect(states(noAnswer).Ready).toBe('True/Profiling');
  });

  test('is told of where nothing else is left', () => {
    const seen = assessed({ pods: [leaving], report: rows({ ...exporterBeside, 'a-postgres': none }) });
    expect(states(seen)).toMatchObject({ Ready: 'False/NoRunningPods', ProbesAttached: 'Unknown/NoTargets' });
    expect(message(seen, 'Ready')).toBe(
      'Pods match, but none is running: pod a is being deleted. See kubectl describe pods -n shop',
    );
    expect(seen.status).toMatchObject({ targets: { matched: 0, attached: 0 }, nodes: { desired: 0, ready: 0 } });
  });

  test('does not count while the profile is suspended', () => {
    const suspended = profile({ selector: {}, suspend: true });
    const seen = assessed({ profile: suspended, pods: [leaving, pod('b', { node: 'worker-2' })] });
    expect(seen.status.targets).toEqual({ matched: 1, attached: 0 });
    expect(seen.desired).toEqual([]);
  });
});

describe('containers without PostgreSQL', () => {
  const companion = pod('a', { containers: ['postgres', 'exporter'] });
  const none = { state: 'NoPostgres' as const, reason: 'NoPostmaster' };

  test('beside a server are not meant', () => {
    const seen = assessed({ pods: [companion], report: rows({ exporter: none }) });
    expect(states(seen).Ready).toBe('True/Profiling');
    expect(seen.status).toMatchObject({ targets: { matched: 1, attached: 1 }, nodes: { desired: 1, ready: 1 } });
  });

  test('beside a server that cannot be attached neither', () => {
    const failed = { state: 'Failed' as const, reason: 'MissingSymbols', message: 'it is stripped.', pid: 42 };
    const seen = assessed({ pods: [companion], report: rows({ exporter: none, postgres: failed }) });
    expect(states(seen).Ready).toBe('False/MissingSymbols');
    expect(message(seen, 'Ready')).toBe('1 of 1 server cannot be profiled: pod a, container postgres: it is stripped.');
    expect(seen.status.targets).toEqual({ matched: 1, attached: 0 });
  });

  test.each<[string, Partial<TargetRow>]>([
    ['refused', { state: 'Failed', reason: 'RawTextForbidden' }],
    ['without a tracer', { state: 'Failed', reason: 'NotPermitted' }],
    ['waiting for the tracer', { state: 'Pending', reason: 'TracerRestarting' }],
    ['at its end', { state: 'Detached', reason: 'Expired' }],
  ])('are not counted beside a server that is %s, and count as long as nobody knows what is in them', (_, row) => {
    const known = assessed({ pods: [companion], report: rows({ exporter: none, postgres: { ...row, pid: 42 } }) });
    expect(known.status.targets).toEqual({ matched: 1, attached: 0 });
    expect(message(known, 'ProbesAttached')).toMatch(/^1 of 1 server /);
    const unknown = assessed({ pods: [companion], report: rows({ exporter: row, postgres: row }) });
    expect(unknown.status.targets).toEqual({ matched: 2, attached: 0 });
  });

  test('alone in their pod are a flaw', () => {
    const seen = assessed({ pods, report: rows({ 'b-': none }) });
    expect(states(seen)).toMatchObject({
      Ready: 'False/NoPostgres',
      TargetsResolved: 'False/NoPostgres',
      ProbesAttached: 'True/Attached',
    });
    expect(message(seen, 'Ready')).toContain('No PostgreSQL server runs (yet) in pod b, container postgres.');
    expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 1 }, nodes: { desired: 2, ready: 1 } });
  });
});

describe('a report counts only while the agent is ready', () => {
  const waiting = {
    containerStatuses: [
      { name: 'agent', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
    ],
  };
  test.each([
    [
      [agent('worker-1')],
      undefined,
      'node worker-2: there is no agent pod yet; if none comes, see kubectl describe daemonset -n pgscope',
    ],
    [
      [agent('worker-1'), agent('worker-2', waiting)],
      undefined,
      'node worker-2: the agent pod pgscope/agent-worker-2 is not ready (see kubectl describe pod -n pgscope agent-worker-2): ImagePullBackOff (no such image)',
    ],
    [
      undefined,
      [node('worker-1'), node('worker-2', {}, false)],
      'node worker-2: the node is not ready; see kubectl describe node worker-2',
    ],
    [undefined, [node('worker-1')], 'node worker-2: the node has gone'],
  ])('%#', (agents, nodes, cause) => {
    const seen = assessed({ pods, ...(agents && { agents }), ...(nodes && { nodes }) });
    expect(states(seen)).toMatchObject({
      Ready: 'Unknown/AgentNotReady',
      ProbesAttached: 'Unknown/AgentNotReady',
      TargetsResolved: 'True/Resolved',
    });
    expect(message(seen, 'Ready')).toBe(`No agent reports from 1 of 2 nodes: ${cause}.`);
    expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 1 }, nodes: { desired: 2, ready: 1 } });
  });

  test('of two agents, while one replaces the other, the ready one counts', () => {
    const old = agent('worker-1', undefined, { name: 'old', uid: 'old', deletionTimestamp: '2026-03-01T00:00:00Z' });
    expect(states(assessed({ pods, agents: [old, agent('worker-1'), agent('worker-2')] })).Ready).toBe(
      'True/Profiling',
    );
  });
});

describe('the lowest common state', () => {
  test.each<[string, Parameters<typeof rows>[0]]>([
    ['False/Pending', { 'b-': { state: 'Pending', reason: 'ContainerNotFound', message: 'no process yet' } }],
    [
      'False/AttachFailed',
      { 'a-': { state: 'Failed', reason: 'AttachFailed' }, 'b-': { state: 'Pending', reason: 'Pending' } },
    ],
    ['False/Expired', { 'b-': { state: 'Detached', reason: 'Expired' } }],
  ])('%s', (state, changes) => {
    expect(states(assessed({ pods, report: rows(changes) }))).toMatchObject({ Ready: state, ProbesAttached: state });
  });

  test('before any agent has looked', () => {
    for (const report of [() => undefined, () => ({})]) {
      const seen = assessed({ pods, report });
      expect(states(seen)).toMatchObject({ ProbesAttached: 'False/Pending', Exporting: 'Unknown/NothingYet' });
      expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 0 }, nodes: { desired: 2, ready: 0 } });
    }
  });

  test('while agents have not taken up a new generation', () => {
    const changed = profile({ selector: {}, metrics: { interval: '1s' } }, { metadata: { generation: 2 } });
    const seen = assessed({ profile: changed, pods, generation: 2 });
    expect(states(seen)).toMatchObject({ Ready: 'False/Pending' });
    expect(message(seen, 'Ready')).toBe('The agent of node worker-1, worker-2 has not taken up the present spec yet.');
    expect(seen.status).toMatchObject({ targets: { matched: 2, attached: 2 }, nodes: { ready: 0 } });
  });

  test('is not lower again when the end that follows from the first attachment is handed out', () => {
    const spec = { selector: {}, duration: '10h' };
    const first = assessed({ profile: profile(spec), pods });
    expect(states(first).Ready).toBe('True/Profiling');
    const second = assessed({ profile: profile(spec, { status: first.status }), pods, generation: 2 });
    expect(second.desired[0]?.spec.expiresAt).toBe('2026-03-01T21:30:00.000Z');
    expect(canonical(second.status)).toBe(canonical(first.status));
  });
});

describe('exporting', () => {
  const says =
    (...[status, reason, text]: Parameters<typeof exportingCondition>) =>
    (desired: Parameters<typeof attachedStatus>[0]) => ({
      ...attachedStatus(desired),
      ...(desired.spec.nodeName === 'worker-2' && { conditions: [exportingCondition(status, reason, text)] }),
    });

  test('fails where one agent fails, in its words', () => {
    const seen = assessed({ pods, report: says('False', 'DestinationUnreachable', 'connection refused') });
    expect(states(seen)).toMatchObject({
      Ready: 'False/DestinationUnreachable',
      Exporting: 'False/DestinationUnreachable',
    });
    expect(message(seen, 'Ready')).toBe('node worker-2: connection refused');
  });

  test('is unknown until every agent that has attached something has exported', () => {
    expect(states(assessed({ pods, report: says('Unknown', 'NothingYet') })).Ready).toBe('Unknown/NothingYet');
  });
});

describe('lost events', () => {
  const losing = (lostEvents: number) => (desired: Parameters<typeof attachedStatus>[0]) => ({
    ...attachedStatus(desired),
    lostEvents,
  });

  test('are added up, to two digits', () => {
    expect(assessed({ pods, report: losing(678) }).status.lostEvents).toBe(1400);
  });

  test('never become fewer', () => {
    const before = profile(undefined, { status: { lostEvents: 5000 } });
    expect(assessed({ profile: before, pods, report: losing(1) }).status.lostEvents).toBe(5000);
  });
});

test('the fold does not depend on the order of anything, and its counts agree with its conditions', () => {
  const shape = fc.record({
    node: fc.constantFrom('worker-1', 'worker-2', 'worker-3'),
    state: fc.constantFrom(...TARGET_STATES),
  });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 10 }), fc.boolean(), (shapes, thirdReady) => {
      const list = shapes.map(({ node: nodeName }, index) => pod(`p-${index}`, { node: nodeName }));
      const changes = Object.fromEntries(shapes.map(({ state }, index) => [`p-${index}-`, { state, reason: state }]));
      const nodes = [node('worker-1'), node('worker-2'), node('worker-3', {}, thirdReady)];
      const agents = [agent('worker-1'), agent('worker-2'), agent('worker-3')];
      const report = rows(changes);
      const seen = assessed({ pods: list, nodes, agents, report });
      const other = assessed({
        pods: list.toReversed(),
        nodes: nodes.toReversed(),
        agents: agents.toReversed(),
        report,
      });
      expect(canonical(other.status)).toBe(canonical(seen.status));
      const { targets, nodes: counts, conditions = [] } = seen.status;
      expect(targets?.attached).toBeLessThanOrEqual(targets?.matched ?? 0);
      expect(counts?.ready).toBeLessThanOrEqual(counts?.desired ?? 0);
      const ready = conditions.find(({ type }) => type === 'Ready')?.status === 'True';
      if (ready) expect([targets?.attached, counts?.ready]).toEqual([list.length, counts?.desired]);
      expect(ready).toBe(list.length > 0 && targets?.attached === list.length);
    }),
  );
});
