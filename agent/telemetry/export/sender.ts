/**
 * Takes batches from a queue and delivers them, one at a time: with back-off while a receiver cannot be reached, until each batch
 * has been delivered, refused, or tried for too long.
 */

import type { Account } from './account.js';
import { backoffMs, type RetrySettings } from './backoff.js';
import type { Notices } from './notices.js';
import type { Deliver, LossReason, Outcome } from './outcome.js';

/** What a queue has to offer to a sender. `Item` is an entry; entries are counted by `items`. */
export interface Outbox<Item extends { triedAt?: number }> {
  take(): Item[];
  giveBack(batch: Item[]): void;
  settle(batch: Item[]): void;
  items(batch: Item[]): number;
  encode(batch: Item[]): Uint8Array;
  readonly batchReady: boolean;
}

export interface SenderOptions<Item extends { triedAt?: number }> {
  outbox: Outbox<Item>;
  deliver: Deliver;
  account: Account;
  notices: Notices;
  retry: RetrySettings;
  /** In messages: `OTLP traces to http://…`. */
  receiver: string;
  /** In messages: `spans`. */
  noun: string;
  /** An unfilled batch waits so long for more; ms. */
  delayMs: number;
  /** ms. */
  now: () => number;
}

export interface Sender {
  /** Something was added to the queue. */
  notify(): void;
  /** Sends an empty request if nothing is being sent or waits: how it ends tells what would become of the next one. */
  greet(): void;
  /** Sends all that waits, without waiting for batches to fill; ends when that is done or has been given up, or at the deadline. */
  flush(deadlineMs: number): Promise<void>;
  /** Ends: what is not delivered yet is lost. */
  stop(): Promise<void>;
}

export function createSender<Item extends { triedAt?: number }>(options: SenderOptions<Item>): Sender {
  const { outbox, deliver, account, notices, retry, receiver, noun, now } = options;
  const abort = new AbortController();
  let running = false;
  let failures = 0;
  let delay: NodeJS.Timeout | undefined;
  let pause: { end: () => void; asked: boolean } | undefined;
  let idleWaiters: (() => void)[] = [];
  /** An empty request is to be sent; nothing waits. */
  let greeting = false;

  const lose = (batch: Item[], reason: LossReason, why: string, lasting = false): void => {
    if (batch.length === 0) return;
    outbox.settle(batch);
    account.lost(reason, outbox.items(batch));
    const lost = `${receiver}: ${outbox.items(batch)} ${noun} lost`;
    if (lasting) notices.once('lasting', `${lost}, and so will be all that follow: ${why}`);
    else notices.notice(reason, `${lost}: ${why}`);
  };

  const retryLater = async (batch: Item[], outcome: Outcome & { kind: 'retry' }): Promise<void> => {
    const at = now();
    for (const item of batch) item.triedAt ??= at;
    const tooOld = (item: Item): boolean => at - (item.triedAt ?? at) >= retry.giveUpMs;
    lose(batch.filter(tooOld), 'retriesExhausted', `${outcome.message}; tried for ${retry.giveUpMs / 1000} s`);
    outbox.giveBack(batch.filter((item) => !tooOld(item)));
    greeting = batch.length === 0 && idleWaiters.length === 0;
    notices.notice('retry', `${receiver}: ${outcome.message}; ${noun} are kept and it is tried again`);
    failures += 1;
    if (batch.length === 0 && !greeting) return;
    const asked = outcome.afterMs === undefined ? 0 : Math.min(outcome.afterMs, retry.maxRetryAfterMs);
    await sleep(Math.max(backoffMs(failures, retry), asked), asked > 0);
  };

  const sleep = (ms: number, asked: boolean): Promise<void> =>
    new Promise((resolve) => {
      if (abort.signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        pause = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms).unref();
      pause = { end, asked };
    });

  const settle = async (batch: Item[], outcome: Outcome): Promise<void> => {
    account.ended(outcome);
    if (abort.signal.aborted && outcome.kind === 'retry')
      return lose(batch, 'shutdown', 'pgscope ended before they could be delivered');
    if (outcome.kind === 'retry') return retryLater(batch, outcome);
    failures = 0;
    if (notices.over('retry')) notices.notice('again', `${receiver}: accepts ${noun} again`);
    if (outcome.kind === 'lost' && batch.length === 0) return refuse(outcome);
    if (outcome.kind === 'lost') return lose(batch, outcome.reason, outcome.message, outcome.lasting);
    accept(batch, outcome);
  };

  const refuse = ({ message, reason, lasting }: Outcome & { kind: 'lost' }): void => {
    const line = `${receiver}: no ${noun} can be sent there: ${message}`;
    if (lasting) notices.once('lasting', line);
    else notices.notice(reason, line);
  };

  const accept = (batch: Item[], outcome: Outcome & { kind: 'delivered' }): void => {
    if (notices.over('lasting')) notices.notice('again', `${receiver}: accepts ${noun} now`);
    const rejected = Math.min(outcome.rejected, outbox.items(batch));
    outbox.settle(batch);
    account.exported(outbox.items(batch) - rejected);
    account.lost('rejected', rejected);
    if (rejected > 0)
      notices.notice(
        'rejected',
        `${receiver}: the receiver rejected ${rejected} ${noun}: ${outcome.message || 'it says no reason'}`,
      );
    else if (outcome.message !== '') notices.notice('warning', `${receiver}: the receiver says: ${outcome.message}`);
  };

  const run = async (): Promise<void> => {
    clearTimeout(delay);
    delay = undefined;
    if (running) return;
    running = true;
    for (let batch = next(); batch !== undefined; batch = next()) {
      if (abort.signal.aborted) lose(batch, 'shutdown', 'pgscope ended before they could be delivered');
      else await settle(batch, await deliver(outbox.encode(batch), abort.signal));
    }
    running = false;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  };

  const next = (): Item[] | undefined => {
    const batch = outbox.take();
    if (batch.length === 0 && !greeting) return undefined;
    greeting = false;
    return batch;
  };

  const whenIdle = (): Promise<void> => new Promise((resolve) => idleWaiters.push(resolve));

  return {
    notify: () => {
      greeting = false;
      if (running) return;
      if (outbox.batchReady || abort.signal.aborted) void run();
      else delay ??= setTimeout(run, options.delayMs).unref();
    },
    greet: () => {
      if (running || delay !== undefined || abort.signal.aborted) return;
      greeting = true;
      void run();
    },
    flush: async (deadlineMs) => {
      failures = 0;
      if (greeting || pause?.asked === false) pause?.end();
      greeting = false;
      const idle = whenIdle();
      void run();
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs);
      });
      await Promise.race([idle, deadline]);
      clearTimeout(timer);
    },
    stop: async () => {
      abort.abort();
      pause?.end();
      const idle = whenIdle();
      void run();
      await idle;
    },
  };
}
