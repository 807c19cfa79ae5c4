/** The servers of a capture: attached, followed over restarts, and what is known of each. */

import { type Follower, isStillThere, type Postmaster, placeOf } from '../targets.js';
import {
  type AttachedEvent,
  type DrainedEvent,
  RefusedError,
  type Sessions,
  type Tracer,
  type TracerSettings,
} from '../tracer.js';
import { targetName } from './target-name.js';

export interface CapturedServer extends Postmaster {
  /** What the tracer calls it. */
  target: string;
  /** `18.4`. */
  version: string;
  major: number;
  /** False: a newer major version than the known ones. */
  verified: boolean;
  /** Processes that are watched, as of the last drain. */
  backends: number;
  /** As of the last drain; undefined before the first one. */
  sessions?: Sessions | undefined;
  /** Wall clock. */
  attachedAt: Date;
}

export interface ServersOptions {
  tracer: Pick<Tracer, 'attach' | 'settings' | 'detach'>;
  follower: Follower;
  /** What the tracer is told about a server. */
  settings(postmaster: Postmaster): TracerSettings;
  onAttached(server: CapturedServer): void;
  /** A server cannot be captured, and is passed over; default: it is logged. */
  onRefused?(postmaster: Postmaster, error: RefusedError): void;
  onLog(line: string): void;
}

export interface Servers {
  /** Attaches the servers that run now; the messages of those that cannot be attached. Throws a TargetError. */
  start(): Promise<string[]>;
  /** Attaches servers that came since. Never rejects. */
  poll(): Promise<void>;
  /** Tells the tracer what has changed in the settings of attached servers, without attaching anew. Rejects like the tracer. */
  configure(): Promise<void>;
  /** Detaches a server that is no longer wanted; what it did until then comes before this resolves. Rejects like the tracer. */
  release(target: string): Promise<void>;
  attached(event: AttachedEvent): void;
  ended(target: string): void;
  /** What a drain has told of its processes. */
  counted(seen: DrainedEvent['targets'][number]): void;
  readonly all: CapturedServer[];
}

/** A server that has just started may not have set up what the tracer reads. */
const MAX_ATTEMPTS = 5;

export function createServers(options: ServersOptions): Servers {
  const { tracer, follower, onAttached, onLog } = options;
  const { onRefused = (_, { message }) => onLog(message) } = options;
  /** Target → its postmaster, from the attempt to attach it on. */
  const known = new Map<string, Postmaster>();
  const servers = new Map<string, CapturedServer>();
  const attempts = new Map<string, number>();
  /** Target → the settings that the tracer has, as JSON. */
  const told = new Map<string, string>();

  async function attach(postmaster: Postmaster): Promise<void> {
    const target = targetName(postmaster, known);
    known.set(target, postmaster);
    const settings = options.settings(postmaster);
    await tracer.attach(target, postmaster.pid, settings);
    told.set(target, JSON.stringify(settings));
    attempts.delete(postmaster.id);
    // The PID can have come to another server between the look and the attachment, but not after it.
    if (!isStillThere(postmaster)) await release(target);
  }

  async function release(target: string): Promise<void> {
    const postmaster = known.get(target);
    if (postmaster === undefined) return;
    await tracer.detach(target);
    servers.delete(target);
    known.delete(target);
    told.delete(target);
    follower.ended(postmaster);
  }

  function forget({ id }: Postmaster): void {
    for (const [target, postmaster] of known) if (postmaster.id === id) known.delete(target);
  }

  /** The tracer may be away or the server too young: then it is tried again when it is found again. */
  function failed(postmaster: Postmaster, error: Error): void {
    forget(postmaster);
    const attempt = (attempts.get(postmaster.id) ?? 0) + 1;
    if (error instanceof RefusedError && attempt >= MAX_ATTEMPTS) {
      attempts.delete(postmaster.id);
      follower.passOver(postmaster);
      onRefused(postmaster, error);
    } else {
      attempts.set(postmaster.id, attempt);
      follower.ended(postmaster);
    }
  }

  return {
    async start() {
      const messages: string[] = [];
      for (const postmaster of follower.start()) {
        try {
          await attach(postmaster);
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          messages.push(error.message);
          forget(postmaster);
          follower.passOver(postmaster);
        }
      }
      return messages;
    },
    async poll() {
      for (const postmaster of follower.poll()) {
        await attach(postmaster).catch((error: Error) => failed(postmaster, error));
      }
    },
    async configure() {
      for (const [target, server] of servers) {
        const settings = options.settings(server);
        if (JSON.stringify(settings) === told.get(target)) continue;
        await tracer.settings(target, settings);
        told.set(target, JSON.stringify(settings));
      }
    },
    release,
    attached({ target, version, major, verified, backends, pid }) {
      const postmaster = known.get(target);
      if (postmaster === undefined) return;
      const before = servers.get(target);
      if (before?.pid === pid) {
        before.backends = backends; // The tracer was started again; for everybody else it is the same server.
        return;
      }
      const server = { ...postmaster, target, pid, version, major, verified, backends, attachedAt: new Date() };
      servers.set(target, server);
      onAttached(server);
    },
    ended(target) {
      const postmaster = known.get(target);
      if (postmaster === undefined || !servers.delete(target)) return;
      follower.ended(postmaster);
      known.delete(target);
      told.delete(target);
      onLog(`the server ${placeOf(postmaster)} (PID ${postmaster.pid}) has ended`);
    },
    counted({ target, backends, sessions }) {
      const server = servers.get(target);
      if (server !== undefined) Object.assign(server, { backends, sessions });
    },
    get all() {
      return [...servers.values()];
    },
  };
}
