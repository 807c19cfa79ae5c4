/**
 * Leader election by a Lease, as client-go does it: of several operators one works. It leads until it is told to stop, until the `cleanup`
 * command takes the Lease, or until it could not renew it in time; then it must end at once, since another may lead.
 */
import { type Clock, sleep, systemClock } from '../kube/clock.js';
import { CLEANUP_HOLDER } from './cleanup/lease.js';
import { createElector, type Elector } from './election/elector.js';
import type { LeaseStore } from './election/lease-store.js';

export { createLeaseStore, type LeaseStore } from './election/lease-store.js';

export interface ElectionTiming {
  /** How long others wait for a holder that says nothing. Default 15 s. */
  leaseDurationMs: number;
  /** A leader that could not renew for this long has lost. Default 10 s; less than the lease's duration, or two could lead. */
  renewDeadlineMs: number;
  /** Between two attempts; candidates wait up to 2.2 times as long, at random. Default 2 s. */
  retryMs: number;
}

export interface ElectionOptions {
  store: LeaseStore;
  /** Unique among all operators, also among restarts of one pod. */
  identity: string;
  /**
   * What a leader does. Called when the Lease was got, and again if it is got again; has to end soon after `term` is aborted. Meanwhile the
   * Lease is renewed.
   */
  lead(term: AbortSignal): Promise<void>;
  onLog(line: string): void;
  /** Whether this operator leads: for metrics. */
  onLeading?(leads: boolean): void;
  timing?: Partial<ElectionTiming>;
  /** Monotonic. */
  clock?: Clock;
  wallClock?(): number;
  random?(): number;
}

const DEFAULT_TIMING: ElectionTiming = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
const CANDIDATE_JITTER = 1.2;
const RELEASE_LIMIT_MS = 2_000;

export const monotonicClock: Clock = { ...systemClock, now: () => performance.now() };

/**
 * Takes part until `signal` is aborted: `ended`, the Lease given back; or until the Lease was lost: then this process has to exit without
 * finishing anything. Rejects with what `lead` threw.
 */
export async function runElection(options: ElectionOptions, signal: AbortSignal): Promise<'ended' | 'lost'> {
  const election = new Election(options);
  while (await election.acquired(signal)) {
    const end = await election.led(signal);
    if (end === 'lost') return 'lost';
  }
  return 'ended';
}

class Election {
  readonly #options: ElectionOptions;
  readonly #timing: ElectionTiming;
  readonly #clock: Clock;
  readonly #elector: Elector;
  #announced = '';

  constructor(options: ElectionOptions) {
    const { store, identity, clock = monotonicClock, wallClock = Date.now } = options;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#clock = clock;
    this.#elector = createElector({ store, identity, clock, wallClock, leaseDurationMs: this.#timing.leaseDurationMs });
  }

  /** Waits for the Lease; false when told to stop. */
  async acquired(signal: AbortSignal): Promise<boolean> {
    const { random = Math.random } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt(this.#timing.renewDeadlineMs, signal)) {
        // Told to stop while the answer was on its way: it is ours, and nobody else can have it before it expires.
        if (!signal.aborted) return true;
        await this.#release();
        return false;
      }
      this.#announceHolder();
      await sleep(this.#clock, this.#timing.retryMs * (1 + CANDIDATE_JITTER * random()), signal);
    }
    return false;
  }

  /** Leads while the Lease can be renewed. */
  async led(signal: AbortSignal): Promise<'ended' | 'stood down' | 'lost'> {
    const { lead, identity, onLeading, onLog } = this.#options;
    onLog(`leads as ${identity}`);
    onLeading?.(true);
    this.#announced = identity;
    const stop = new AbortController();
    const term = AbortSignal.any([signal, stop.signal]);
    const finished = new AbortController();
    const work = lead(term).finally(() => finished.abort());
    work.catch(() => undefined);
    const end = await this.#renewed(finished.signal);
    onLeading?.(false);
    if (end === 'lost') {
      onLog(this.#lossMessage());
      stop.abort();
      return 'lost';
    }
    if (end === 'stood down')
      onLog('stands down: the Lease is held for the removal of pgscope, so nothing is made any more');
    stop.abort();
    try {
      await work;
    } finally {
      if (end === 'ended') await this.#release();
    }
    return end;
  }

  /** Renews until the work has finished. */
  async #renewed(finished: AbortSignal): Promise<'ended' | 'stood down' | 'lost'> {
    const { identity } = this.#options;
    const { retryMs, renewDeadlineMs } = this.#timing;
    let renewedMs = this.#clock.now();
    for (;;) {
      await sleep(this.#clock, Math.min(retryMs, renewedMs + renewDeadlineMs - this.#clock.now()), finished);
      if (finished.aborted) return 'ended';
      const startedMs = this.#clock.now();
      const remainingMs = renewedMs + renewDeadlineMs - startedMs;
      // Also a process that was stopped for a while gets here: it must not write, the Lease may be another's.
      if (remainingMs <= 0) return 'lost';
      // One connection that has died without a word must not cost the Lease: there is time for a second attempt.
      if (await this.#attempt(Math.min(remainingMs, renewDeadlineMs / 2))) {
        renewedMs = startedMs;
        continue;
      }
      const { holder } = this.#elector;
      if (holder === CLEANUP_HOLDER) return 'stood down';
      if (holder !== identity && holder !== '') return 'lost';
    }
  }

  /**
   * Whether the Lease is held now; failures are logged, and no answer within the limit is one. When told to stop it still waits a moment for the
   * answer: a write that was sent may have got the Lease, which then has to be given back.
   */
  async #attempt(limitMs: number, stop?: AbortSignal): Promise<boolean> {
    const limit = new AbortController();
    const abort = (): void => limit.abort(new Error('no answer in time'));
    const cancels = [this.#clock.after(limitMs, abort)];
    const hurry = (): number => cancels.push(this.#clock.after(RELEASE_LIMIT_MS, abort));
    stop?.addEventListener('abort', hurry, { once: true });
    try {
      return await this.#elector.attempt(limit.signal);
    } catch (error) {
      this.#options.onLog(`the Lease could not be asked for: ${(error as Error).message}`);
      return false;
    } finally {
      for (const cancel of cancels) cancel();
      stop?.removeEventListener('abort', hurry);
    }
  }

  async #release(): Promise<void> {
    const limit = new AbortController();
    const cancel = this.#clock.after(RELEASE_LIMIT_MS, () => limit.abort(new Error('no answer in time')));
    try {
      await this.#elector.release(limit.signal);
      this.#options.onLog('gave the Lease back');
    } catch (error) {
      this.#options.onLog(`the Lease was not given back, it expires by itself: ${(error as Error).message}`);
    } finally {
      cancel();
    }
  }

  #announceHolder(): void {
    const { holder } = this.#elector;
    if (holder === this.#announced) return;
    this.#announced = holder;
    if (holder !== '') this.#options.onLog(`does not lead; ${holder} does`);
  }

  #lossMessage(): string {
    const { holder } = this.#elector;
    const { identity } = this.#options;
    return holder === identity || holder === ''
      ? `lost the Lease: it could not be renewed for ${this.#timing.renewDeadlineMs / 1000} s; exits, since another may lead`
      : `lost the Lease to ${holder}; exits, since two must not lead`;
  }
}
