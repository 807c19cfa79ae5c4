/** Puts the operator together: watches, controllers, workers, election and pages. The door of operator/manager/. */
import type { KubeClient } from '../kube/client.js';
import { type Clock, systemClock } from '../kube/clock.js';
import type { Cluster } from './cluster.js';
import { type Controllers, createControllers } from './controllers.js';
import { createLeaseStore, type ElectionTiming, monotonicClock, runElection } from './election.js';
import { createEventRecorder } from './events.js';
import type { Log } from './log.js';
import { type Check, createHealth, type Health } from './manager/health.js';
import { createTerms } from './manager/term.js';
import { createWatches, type Watches } from './manager/watches.js';
import type { Metrics } from './metrics.js';
import { type OperatorServer, startServer } from './server.js';
import type { OperatorSettings } from './settings.js';
import type { Traces } from './traces.js';

export interface ManagerOptions {
  settings: OperatorSettings;
  client: KubeClient;
  /** Unique among all operators, also among restarts of one pod. */
  identity: string;
  /** Who tells Events: the pod's name. */
  instance: string;
  metrics: Metrics;
  traces: Traces;
  log: Log;
  electionTiming?: Partial<ElectionTiming>;
  /** Of the controllers and of the time that a stop may take. */
  clock?: Clock;
  /** Is told the port that the pages have. */
  onListening?(port: number): void;
}

/** The server ends a watch after 10 min at the latest, and a new one is progress. */
const SILENCE_LIMIT_MS = 15 * 60_000;
const EVENTS_LIMIT_MS = 2_000;

/**
 * Works until `signal` is aborted: `ended`, everything stopped and the Lease given back; or `lost`: the process has to exit at once. Rejects with a
 * PortError.
 */
export async function runManager(options: ManagerOptions, signal: AbortSignal): Promise<'ended' | 'lost'> {
  const { settings, client, metrics, log, clock = systemClock } = options;
  const watches = createWatches({ ...settings, client, onLog: (line) => log.warn(line) });
  const health = createHealth(monotonicClock);
  const events = createEventRecorder({ client, clock, instance: options.instance, onLog: (line) => log.warn(line) });
  const cluster = clusterOf(options, watches, { clock, events });
  const controllers = createControllers(cluster);
  const terms = createTerms({ ...options, controllers, health, clock });
  follow(watches, controllers, terms.enqueue);
  metrics.watchProfiles(() => cluster.profiles.values());

  const reflectors = Object.values(watches).flatMap((watched: Watches[keyof Watches]) => [...watched.reflectors]);
  watchReflectors(reflectors, health);
  const ready = (): Check[] => [
    { name: 'running', problem: signal.aborted ? 'is stopping' : undefined },
    ...reflectors.map(({ name, reflector }) => ({
      name: `reflector ${name}`,
      problem: reflector.synced ? undefined : 'has not read all objects yet',
    })),
  ];
  let server: OperatorServer | undefined;
  const close = async (): Promise<void> => {
    await Promise.all(reflectors.map(({ reflector }) => reflector.stop()));
    await limited(clock, EVENTS_LIMIT_MS, events.settled());
    await server?.close();
    health.stop();
  };

  try {
    server = await startServer(settings.port, { health: health.checks, ready, metrics: metrics.page });
    options.onListening?.(server.port);
    for (const { reflector } of reflectors) reflector.start();
    if (!(await synced(reflectors, signal))) return await closed(close);
    log.info('has read all objects', {
      profiles: cluster.profiles.size,
      pods: cluster.pods.size,
      nodes: cluster.nodes.size,
    });
    const end = settings.leaderElection
      ? await elect(options, terms.lead, signal)
      : await leadAlone(options, terms.lead, signal);
    if (end === 'ended') return await closed(close);
    // Nothing is waited for: another operator may lead already.
    void close();
    return 'lost';
  } catch (error) {
    await close();
    throw error;
  }
}

async function closed(close: () => Promise<void>): Promise<'ended'> {
  await close();
  return 'ended';
}

function clusterOf(
  { settings, client, log }: ManagerOptions,
  watches: Watches,
  { clock, events }: Pick<Cluster, 'clock' | 'events'>,
): Cluster {
  return {
    profiles: watches.profiles.store,
    pods: watches.pods.store,
    nodeProfiles: watches.nodeProfiles.store,
    agents: watches.agents.store,
    nodes: watches.nodes.store,
    client,
    settings,
    clock,
    events,
    onLog: (line) => log.info(line),
  };
}

/** Changes go to the controllers' indexes always, and to the queues while this operator leads. */
function follow(
  watches: Watches,
  { changed }: Controllers,
  enqueue: (due: ReturnType<Controllers['all']>) => void,
): void {
  watches.profiles.onChange((change) => enqueue(changed.profiles(change)));
  watches.pods.onChange((change) => enqueue(changed.pods(change)));
  watches.nodeProfiles.onChange((change) => enqueue(changed.nodeProfiles(change)));
  watches.agents.onChange((change) => enqueue(changed.agents(change)));
  watches.nodes.onChange((change) => enqueue(changed.nodes(change)));
}

type Reflectors = Watches[keyof Watches]['reflectors'][number][];

function watchReflectors(reflectors: Reflectors, health: Health): void {
  for (const { name, reflector } of reflectors) {
    health.watch(`reflector ${name}`, {
      progress: () => JSON.stringify(reflector.progress),
      limitMs: SILENCE_LIMIT_MS,
    });
  }
}

/** Whether all have been read; false if it was stopped before. */
async function synced(reflectors: Reflectors, signal: AbortSignal): Promise<boolean> {
  try {
    await Promise.all(reflectors.map(({ reflector }) => reflector.whenSynced(signal)));
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

type Lead = (term: AbortSignal) => Promise<void>;

function elect(options: ManagerOptions, lead: Lead, signal: AbortSignal): Promise<'ended' | 'lost'> {
  const { settings, client, identity, metrics, log, electionTiming } = options;
  const { namespace, leaseName } = settings;
  metrics.leads(leaseName, false);
  const election = {
    store: createLeaseStore(client, namespace, leaseName),
    identity,
    lead,
    onLog: (line: string) => log.info(line, { lease: `${namespace}/${leaseName}` }),
    onLeading: (leads: boolean) => metrics.leads(leaseName, leads),
    ...(electionTiming && { timing: electionTiming }),
  };
  return runElection(election, signal);
}

async function leadAlone(
  { settings, metrics, log }: ManagerOptions,
  lead: Lead,
  signal: AbortSignal,
): Promise<'ended'> {
  log.info('leads without an election');
  metrics.leads(settings.leaseName, true);
  await lead(signal);
  return 'ended';
}

async function limited(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const cancel = clock.after(ms, limit.resolve);
  await Promise.race([work, limit.promise]);
  cancel();
}
