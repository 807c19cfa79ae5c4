/** One run of the tracer with its commands as promises; what it does not answer in time, or ever, is an error. */

import { createAnswers } from './answers.js';
import { TracerError } from './errors.js';
import type { DrainedEvent, ReadyEvent, TracerCommand, TracerEvent, TracerSettings } from './events.js';
import { spawnTracer } from './process.js';

export interface SessionOptions {
  path: string;
  args?: readonly string[];
  /** Every event, in order, before the promise that it answers settles. What it throws is counted as a malformed line. */
  onEvent(event: TracerEvent): void;
  /** Lines for people: the tracer's own, and what happens to it. */
  onLog(line: string): void;
  /** A line that is no event, or none that could be used, and why. */
  onMalformed(problem: string): void;
  /** How long the tracer may take for ready, attach, settings and detach. Default 60,000 ms. */
  answerTimeoutMs?: number;
  /** Default 30,000 ms. */
  drainTimeoutMs?: number;
  /** How long the tracer may take to end when it is stopped, before it is killed. Default 5000 ms. */
  graceMs?: number;
}

export interface Session {
  ready: ReadyEvent;
  /** Resolves when the tracer has ended, with a sentence that tells how. */
  ended: Promise<string>;
  attach(target: string, pid: number, settings: TracerSettings): Promise<void>;
  settings(target: string, settings: TracerSettings): Promise<void>;
  detach(target: string): Promise<void>;
  /** `locks`: who waits for a lock is told, too. */
  drain(options?: { locks?: boolean }): Promise<DrainedEvent>;
  stop(): Promise<void>;
}

const MAX_HELD_LOGS = 100;

/** Resolves when the tracer is ready; rejects with a TracerError whose message says why it is not. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { path, args = [], onEvent, onLog, onMalformed } = options;
  const { answerTimeoutMs = 60_000, drainTimeoutMs = 30_000, graceMs = 5000 } = options;
  const answers = createAnswers();
  let drains = 0;

  function receive(event: TracerEvent): void {
    try {
      onEvent(event);
    } catch (error) {
      onMalformed(`its ${event.type} event could not be used: ${(error as Error).message}`);
    }
    answers.settle(event);
  }

  /** Log lines are held back until it is ready: if it never is, the last one is in the error. */
  let held: string[] | undefined = [];
  function receiveLog(line: string): void {
    if (held === undefined) onLog(line);
    else if (held.length < MAX_HELD_LOGS) held.push(line);
  }
  function releaseLogs(end?: number): void {
    for (const line of held?.slice(0, end) ?? []) onLog(line);
    held = undefined;
  }

  const tracer = spawnTracer({ path, args, graceMs, onMalformed, onEvent: receive, onLog: receiveLog });
  const ended = tracer.ended.then((how) => {
    answers.failAll(new TracerError(how));
    return how;
  });

  /** Sends a command about a target and waits for the event of this type about the same target, or its refusal. */
  async function ask(
    command: Exclude<TracerCommand, { command: 'drain' }>,
    answer: TracerEvent['type'],
  ): Promise<void> {
    const { target } = command;
    const answered = answers.expect({
      what: `${command.command} ${target}`,
      timeoutMs: answerTimeoutMs,
      target,
      answers: (event): event is TracerEvent => event.type === answer && 'target' in event && event.target === target,
    });
    await Promise.all([answered, tracer.send(command)]);
  }

  async function drain({ locks = false } = {}): Promise<DrainedEvent> {
    drains += 1;
    const token = String(drains);
    const drained = answers.expect({
      what: 'drain',
      timeoutMs: drainTimeoutMs,
      answers: (event): event is DrainedEvent => event.type === 'drained' && event.token === token,
    });
    const [event] = await Promise.all([drained, tracer.send({ command: 'drain', token, ...(locks && { locks }) })]);
    return event;
  }

  const isReady = (event: TracerEvent): event is ReadyEvent => event.type === 'ready';
  try {
    const ready = await answers.expect({ what: 'that it is ready', timeoutMs: answerTimeoutMs, answers: isReady });
    releaseLogs();
    return {
      ready,
      ended,
      attach: (target, pid, settings) => ask({ command: 'attach', target, pid, settings }, 'attached'),
      settings: (target, settings) => ask({ command: 'settings', target, settings }, 'settings'),
      detach: (target) => ask({ command: 'detach', target }, 'detached'),
      drain,
      stop: tracer.stop,
    };
  } catch (error) {
    await tracer.stop();
    releaseLogs(-1);
    throw error;
  }
}
