import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOfTarget, makePlan } from '../../../agent/node/plan.js';
import { projectNodeProfile } from '../../../agent/node/profiles.js';
import { ID, KEY, OTHER_ID, OTHER_KEY, profile, rawProfile, target } from './profiles.js';

const allowed = { rawText: false, destinations: new Set(['default', 'other']), namespaces: undefined };
const NOW = Date.parse('2026-01-01T00:00:00Z');

const planOf = (...profiles: ReturnType<typeof profile>[]) => makePlan(profiles, allowed, NOW);

describe('a plan', () => {
  test('has a target for each container, with a stream for each destination', () => {
    const { targets, refusals } = planOf(
      profile('a', { targets: [target(), target(OTHER_ID)] }),
      profile('b', { destination: 'other', metrics: { interval: '1m' } }),
    );
    expect(refusals.size).toBe(0);
    expect([...targets.keys()]).toEqual([KEY, OTHER_KEY]);
    expect(targets.get(KEY)?.container).toEqual({
      id: ID,
      podUID: 'pod-1',
      name: 'shop/orders-db-0/postgres',
      lookOnly: false,
    });
    expect([...(targets.get(KEY)?.streams.keys() ?? [])]).toEqual(['default', 'other']);
    expect(targets.get(KEY)?.streams.get('other')?.intervalMs).toBe(60_000);
    expect(targets.get(OTHER_KEY)?.streams.size).toBe(1);
  });

  test('has two targets where two pods name one container: only one of them will be found', () => {
    const claim = target(ID, { podNamespace: 'attic', podName: 'mine', podUID: 'pod-9', resource: {} });
    const { targets } = planOf(profile('a', { targets: [claim] }), profile('b'));
    expect([...targets.keys()]).toEqual([keyOfTarget(claim), KEY]);
    expect(targets.get(KEY)).toMatchObject({
      container: { name: 'shop/orders-db-0/postgres' },
      resource: { 'service.name': 'orders-db' },
    });
  });

  test('merges profiles of one destination, and tells the tracer what all streams need', () => {
    const { targets } = planOf(
      profile('a', {
        queryText: 'normalized',
        spans: {
          minDuration: '1s',
          errors: false,
          sampleRatio: 0.5,
          traceContext: ['application_name'],
          maxPerSecond: 10,
          nestedDepth: 3,
        },
        metrics: { interval: '30s', maxQueries: 50 },
      }),
      profile('b', {
        queryText: 'none',
        spans: { minDuration: '2s', errors: true, sampleRatio: 0, traceContext: ['sqlcomment'], maxPerSecond: 20 },
        metrics: { interval: '10s', maxQueries: 20 },
      }),
      profile('c', { destination: 'other', spans: { minDuration: '10ms', maxPerSecond: 1 } }),
    );
    const one = targets.get(KEY);
    expect(one?.streams.get('default')).toEqual({
      level: 'statements',
      queryText: 'none',
      spans: {
        minDurationNs: 1e9,
        minWaitNs: 1e6,
        nestedDepth: 3,
        errors: true,
        sampleRatio: 0.5,
        traceContext: ['sqlcomment', 'application_name'],
        maxPerSecond: 20,
      },
      intervalMs: 10_000,
      maxQueries: 50,
    });
    expect(one?.tracer).toEqual({
      level: 'statements',
      minDurationNs: 1e7,
      minWaitNs: 1e6,
      nestedDepth: 3,
      errors: true,
      sampleRatio: 0.5,
      traceContext: ['sqlcomment', 'application_name'],
      maxPerSecond: 20,
      rawText: false,
    });
  });

  test('has the highest level of its profiles, and goes as deep into functions as one of them asks', () => {
    const { targets } = planOf(
      profile('a', { level: 'waits' }),
      profile('b', { level: 'phases', spans: { nestedDepth: 0 } }),
      profile('c', { destination: 'other', level: 'statements', spans: { nestedDepth: 2 } }),
    );
    const one = targets.get(KEY);
    expect(one?.streams.get('default')).toMatchObject({ level: 'phases', spans: { nestedDepth: 1 } });
    expect(one?.streams.get('other')).toMatchObject({ level: 'statements', spans: { nestedDepth: 2 } });
    expect(one?.tracer).toMatchObject({ level: 'phases', nestedDepth: 2 });
  });

  test('is the same in whatever order profiles come, and whatever they are called', () => {
    const spans = fc.record({
      minDuration: fc.constantFrom('0ms', '1s'),
      errors: fc.boolean(),
      maxPerSecond: fc.nat(100),
    });
    const queryText = fc.constantFrom('none', 'normalized');
    const destination = fc.constantFrom('default', 'other');
    const specs = fc.array(fc.record({ spans, queryText, destination }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(specs, (list) => {
        const there = planOf(...list.map((spec, i) => profile(`p${i}`, spec))).targets.get(KEY);
        const back = planOf(...list.toReversed().map((spec, i) => profile(`q${i}`, spec))).targets.get(KEY);
        expect(new Map([...(there?.streams ?? [])].sort())).toEqual(new Map([...(back?.streams ?? [])].sort()));
        expect(there?.tracer).toEqual(back?.tracer);
      }),
    );
  });

  test.each([
    ['raw text', { queryText: 'raw' }, 'Failed', 'RawTextForbidden'],
    ['an unknown destination', { destination: 'nowhere' }, 'Failed', 'UnknownDestination'],
    ['a time that is over', { expiresAt: '2025-12-31T23:59:59Z' }, 'Detached', 'Expired'],
    ['nonsense', { queryText: 'loud' }, 'Failed', 'InvalidSpec'],
  ])('leaves out a profile with %s, alone', (_, spec, state, reason) => {
    const { targets, looked, refusals } = planOf(
      profile('bad', spec),
      profile('good', { targets: [target(OTHER_ID)] }),
    );
    expect([...targets.keys()]).toEqual([OTHER_KEY]);
    const known = reason === 'InvalidSpec' ? [] : [{ id: ID, podUID: 'pod-1', lookOnly: true }];
    expect(looked).toMatchObject(known);
    expect(looked).toHaveLength(known.length);
    expect(refusals.get('shop/bad')).toMatchObject({ state, reason, message: expect.stringMatching(/./) });
  });

  test('does not merely look into a container that another profile wants', () => {
    const { targets, looked } = planOf(profile('bad', { queryText: 'raw' }), profile('good'));
    expect([targets.get(KEY)?.container.lookOnly, looked]).toEqual([false, []]);
  });

  test('leaves out what is in a namespace that is not watched any more', () => {
    const watching = (...names: string[]) => makePlan([profile('a')], { ...allowed, namespaces: new Set(names) }, NOW);
    expect(watching('shop', 'billing').targets.size).toBe(1);
    const { targets, refusals } = watching('billing');
    expect(targets.size).toBe(0);
    expect(refusals.get('shop/a')).toMatchObject({
      state: 'Failed',
      reason: 'NamespaceNotWatched',
      message: expect.stringContaining('does not watch namespace shop any more'),
    });
  });

  test('lets raw text through where it is allowed, unless another profile of the destination is more careful', () => {
    const raw = profile('raw', { queryText: 'raw' });
    const plan = (...profiles: ReturnType<typeof profile>[]) => makePlan(profiles, { ...allowed, rawText: true }, NOW);
    expect(plan(raw).targets.get(KEY)?.tracer.rawText).toBe(true);
    expect(plan(raw, profile('b')).targets.get(KEY)?.tracer.rawText).toBe(false);
    const apart = plan(raw, profile('b', { destination: 'other' })).targets.get(KEY);
    expect(apart?.tracer.rawText).toBe(true);
    expect(apart?.streams.get('other')?.queryText).toBe('normalized');
  });

  test('has each program of a destination once, with the arguments that profiles ask for', () => {
    const { targets } = planOf(
      profile('a', {
        programs: [
          { name: 'pg-cpudist', interval: '1m' },
          { name: 'own', args: { n: '1' } },
        ],
      }),
      profile('b', { programs: [{ name: 'pg-cpudist' }, { name: 'own', args: { n: '2' }, interval: '1s' }] }),
      profile('c', { programs: [{ name: 'own', args: { n: '2' } }], destination: 'other' }),
      profile('d', { targets: [target(OTHER_ID)] }),
    );
    expect(targets.get(KEY)?.programs).toEqual([
      { destination: 'default', name: 'pg-cpudist', variants: [{ args: {}, intervalMs: 10_000 }] },
      {
        destination: 'default',
        name: 'own',
        variants: [
          { args: { n: '1' }, intervalMs: 10_000 },
          { args: { n: '2' }, intervalMs: 1000 },
        ],
      },
      { destination: 'other', name: 'own', variants: [{ args: { n: '2' }, intervalMs: 10_000 }] },
    ]);
    expect(targets.get(OTHER_KEY)?.programs).toEqual([]);
  });

  test('goes on until the time is over, and not for an object that is being deleted', () => {
    expect(planOf(profile('a', { expiresAt: '2026-01-01T00:00:01Z' })).targets.size).toBe(1);
    const raw = rawProfile('a');
    const deleting = { ...raw, metadata: { ...raw.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const plan = planOf(projectNodeProfile(deleting));
    expect([plan.targets.size, plan.refusals.size]).toEqual([0, 0]);
  });
});
