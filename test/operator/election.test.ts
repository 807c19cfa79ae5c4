import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeClient, type KubeClient } from '../../kube/client.js';
import { CLEANUP_HOLDER } from '../../operator/cleanup/lease.js';
import { createLeaseStore, runElection } from '../../operator/election.js';
import { type LeaseServer, startLeaseServer } from './election/lease-server.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';

const NAME = 'pgscope-operator';
const NAMESPACE = 'pgscope';

let server: LeaseServer;
let clock: FakeClock;
let candidates: Candidate[];

beforeEach(async () => {
  server = await startLeaseServer();
  clock = createFakeClock(5_000_000);
  candidates = [];
});

afterEach(async () => {
  server.mood = 'fine';
  for (const candidate of candidates) candidate.stop.abort();
  await pass(60_000);
  for (const candidate of candidates) candidate.client.close();
  await server.close();
});

interface Candidate {
  identity: string;
  client: KubeClient;
  stop: AbortController;
  leads: boolean;
  /** Times that it began to lead. */
  terms: number;
  end: string | undefined;
  log: string[];
  /** Requests it has under way. */
  busy: number;
  /** Requests it gave up. */
  abandoned: number;
  /** When set, work does not end before it is resolved. */
  work: PromiseWithResolvers<void> | undefined;
}

/** `wallClock`: what its machine believes the time is. */
function candidate(identity: string, { wallClock = Date.now, own = clock } = {}): Candidate {
  const client = createKubeClient({ server: server.url });
  const one: Candidate = {
    ...{ identity, client, stop: new AbortController(), leads: false, terms: 0 },
    ...{ end: undefined, log: [], busy: 0, abandoned: 0, work: undefined },
  };
  const counted: KubeClient = {
    ...client,
    request: async <T>(request: Parameters<KubeClient['request']>[0]) => {
      one.busy += 1;
      try {
        return await client.request<T>(request);
      } catch (error) {
        if (request.signal?.aborted) one.abandoned += 1;
        throw error;
      } finally {
        one.busy -= 1;
      }
    },
  };
  const options = {
    store: createLeaseStore(counted, NAMESPACE, NAME),
    ...{ identity, wallClock, clock: own, random: () => 0 },
    onLog: (line: string) => void one.log.push(line),
    onLeading: (leads: boolean) => {
      one.leads = leads;
    },
    lead: async (term: AbortSignal) => {
      one.terms += 1;
      await new Promise((resolve) => term.addEventListener('abort', resolve, { once: true }));
      await one.work?.promise;
    },
  };
  runElection(options, one.stop.signal).then(
    (end) => {
      one.end = end;
    },
    (error: Error) => {
      one.end = `rejected: ${error.message}`;
    },
  );
  candidates.push(one);
  return one;
}

/** Until no request is under way but those that the server leaves unanswered. */
async function settle(): Promise<void> {
  let quietTurns = 0;
  while (quietTurns < 5) {
    await new Promise((resolve) => setImmediate(resolve));
    const quiet = sum('busy') === server.unanswered && sum('abandoned') === server.givenUp;
    quietTurns = quiet ? quietTurns + 1 : 0;
  }
}

function sum(what: 'busy' | 'abandoned'): number {
  return candidates.reduce((total, one) => total + one[what], 0);
}

const pass = (ms: number) => clock.pass(ms, settle);
const holder = () => server.lease(NAME)?.spec?.holderIdentity;

describe('one Lease', () => {
  test('is made by the first one, with everything that client-go writes', async () => {
    const one = candidate('one', { wallClock: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
    await pass(0);
    expect(one.leads).toBe(true);
    expect(server.lease(NAME)).toMatchObject({
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        holderIdentity: 'one',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-02T03:04:05.678000Z',
        renewTime: '2026-01-02T03:04:05.678000Z',
        leaseTransitions: 0,
      },
    });
  });

  test('has one leader of three, for as long as it lives', async () => {
    const all = ['one', 'two', 'three'].map((identity) => candidate(identity));
    await pass(300_000);
    expect(all.map(({ terms }) => terms).sort()).toEqual([0, 0, 1]);
    expect(all.filter(({ leads }) => leads)).toHaveLength(1);
  });

  test('is renewed by one request each time', async () => {
    candidate('one');
    await pass(0);
    server.requests.length = 0;
    await pass(20_000);
    expect(server.requests).toEqual(new Array(10).fill('PUT'));
  });

  test('keeps what others have put on it', async () => {
    const one = candidate('one');
    await pass(0);
    const lease = server.lease(NAME);
    if (lease === undefined) throw new Error('no Lease');
    server.put({ ...lease, metadata: { ...lease.metadata, labels: { team: 'db' } } });
    await pass(60_000);
    expect(one.leads).toBe(true);
    expect(server.lease(NAME)?.metadata.labels).toEqual({ team: 'db' });
  });
});

describe('another one takes over', () => {
  test('15 s after the last renewal it saw, and not before', async () => {
    server.put(held('gone', { leaseTransitions: 3 }));
    const two = candidate('two');
    await pass(14_999);
    expect(two.leads).toBe(false);
    await pass(2_001);
    expect(two.leads).toBe(true);
    expect(server.lease(NAME)?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 4 });
  });

  test('at its next try, when the leader stops', async () => {
    const one = candidate('one');
    await pass(0);
    const two = candidate('two');
    await pass(10_000);
    one.stop.abort();
    await pass(0);
    expect(one.end).toBe('ended');
    expect(server.lease(NAME)?.spec).toMatchObject({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      leaseTransitions: 0,
    });
    await pass(2_000);
    expect(two.leads).toBe(true);
    expect(server.lease(NAME)?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  });

  test('only after the work of the one before has ended: the Lease is renewed until then', async () => {
    const one = candidate('one');
    one.work = Promise.withResolvers();
    await pass(0);
    const two = candidate('two');
    one.stop.abort();
    await pass(60_000);
    expect([one.end, two.leads, holder()]).toEqual([undefined, false, 'one']);
    one.work.resolve();
    await pass(2_000);
    expect([one.end, two.leads]).toEqual(['ended', true]);
  });

  test('although its clock is a year late, or early: renewTime is for people', async () => {
    const year = 365 * 86_400_000;
    const one = candidate('one', { wallClock: () => Date.now() - year });
    await pass(0);
    const two = candidate('two', { wallClock: () => Date.now() + year });
    await pass(60_000);
    expect([one.leads, two.leads]).toEqual([true, false]);
    one.stop.abort();
    await pass(2_000);
    expect(two.leads).toBe(true);
  });

  test('one at most of those that try at once', async () => {
    server.put(held('gone', {}));
    const all = ['one', 'two', 'three', 'four'].map((identity) => candidate(identity));
    await pass(20_000);
    expect(all.filter(({ leads }) => leads).map(({ identity }) => identity)).toEqual([holder()]);
  });
});

describe('a leader', () => {
  test('goes on when the server is away for less than 10 s', async () => {
    const one = candidate('one');
    await pass(0);
    server.mood = 'away';
    await pass(7_900);
    server.mood = 'fine';
    await pass(30_000);
    expect([one.leads, one.end, one.terms]).toEqual([true, undefined, 1]);
    expect(one.log.some((line) => line.startsWith('the Lease could not be asked for'))).toBe(true);
  });

  test('has lost when it is away for 10 s', async () => {
    const one = candidate('one');
    await pass(0);
    server.mood = 'away';
    await pass(12_000);
    expect([one.leads, one.end]).toEqual([false, 'lost']);
    expect(one.log.at(-1)).toBe('lost the Lease: it could not be renewed for 10 s; exits, since another may lead');
  });

  test('has lost before another can lead, when requests get no answer', async () => {
    const one = candidate('one');
    await pass(0);
    const two = candidate('two');
    await pass(2_000);
    server.mood = 'silent';
    await pass(10_000);
    expect(one.end).toBe('lost');
    expect(two.leads).toBe(false);
    server.mood = 'fine';
    await pass(20_000);
    expect(two.leads).toBe(true);
  });

  test('goes on when a write was done and only its answer was lost', async () => {
    const one = candidate('one');
    await pass(0);
    server.mood = 'slow';
    await pass(4_000);
    server.mood = 'fine';
    await pass(60_000);
    expect([one.leads, one.terms, server.lease(NAME)?.spec?.leaseTransitions]).toEqual([true, 1, 0]);
  });

  test('has lost when its process stood still for too long, and does not ask again', async () => {
    const frozen = createFakeClock();
    const one = candidate('one', { own: frozen });
    await settle();
    server.requests.length = 0;
    const realNow = frozen.now;
    frozen.now = () => realNow() + 11_000;
    await frozen.pass(2_000, settle);
    expect(one.end).toBe('lost');
    expect(server.requests).toEqual([]);
  });

  test('has lost when another wrote the Lease', async () => {
    const one = candidate('one');
    await pass(0);
    server.put({
      ...held('thief', {}),
      metadata: { ...server.lease(NAME)?.metadata, name: NAME, namespace: NAMESPACE },
    });
    await pass(2_000);
    expect(one.end).toBe('lost');
    expect(one.log.at(-1)).toBe('lost the Lease to thief; exits, since two must not lead');
    expect(holder()).toBe('thief');
  });

  test('stands down for the cleanup, stays passive while that holds the Lease, and leads again afterwards', async () => {
    const one = candidate('one');
    await pass(0);
    server.put(held(CLEANUP_HOLDER, { leaseDurationSeconds: 600 }));
    await pass(2_000);
    expect([one.leads, one.end, holder()]).toEqual([false, undefined, CLEANUP_HOLDER]);
    await pass(590_000);
    expect([one.terms, holder()]).toEqual([1, CLEANUP_HOLDER]);
    await pass(20_000);
    expect([one.terms, holder()]).toEqual([2, 'one']);
  });
});

test('told to stop while it gets the Lease, it gives it back', async () => {
  const one = candidate('one');
  one.stop.abort();
  await pass(5_000);
  expect([one.end, one.terms, holder() ?? '']).toEqual(['ended', 0, '']);
});

test('told to stop while the server does not answer, it ends within 2 s', async () => {
  server.mood = 'silent';
  const one = candidate('one');
  await pass(0);
  one.stop.abort();
  await pass(2_000);
  expect(one.end).toBe('ended');
});

test('what the work throws comes out, and the Lease is given back', async () => {
  const client = createKubeClient({ server: server.url });
  const store = createLeaseStore(client, NAMESPACE, NAME);
  const lead = () => Promise.reject(new Error('out of order'));
  await expect(
    runElection({ store, identity: 'one', lead, onLog: () => {} }, new AbortController().signal),
  ).rejects.toThrow('out of order');
  expect(holder()).toBe('');
  client.close();
});

function held(holderIdentity: string, spec: object) {
  return {
    apiVersion: 'coordination.k8s.io/v1' as const,
    kind: 'Lease' as const,
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z', ...spec },
  };
}
