import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  RefusedError,
  startTracer,
  type Tracer,
  TracerError,
  type TracerEvent,
  type TracerOptions,
  type TracerSettings,
} from '../../../agent/tracer.js';
import { READY, type Script, type Step } from './scripted-tracer.js';

jest.setTimeout(60_000);

const settings: TracerSettings = {
  level: 'statements',
  minDurationNs: null,
  errors: true,
  sampleRatio: 0,
  traceContext: [],
  maxPerSecond: 100,
  rawText: false,
  minWaitNs: 1_000_000,
  nestedDepth: 1,
};

const running: Tracer[] = [];
let events: TracerEvent[] = [];
let logs: string[] = [];

async function start(script: Script, options: Partial<TracerOptions> = {}): Promise<Tracer> {
  events = [];
  logs = [];
  const tracer = await startTracer({
    path: process.execPath,
    args: [join(import.meta.dirname, 'scripted-tracer.ts'), JSON.stringify(script)],
    onEvent: (event) => events.push(event),
    onLog: (line) => logs.push(line),
    restartDelayMs: 1,
    ...options,
  });
  running.push(tracer);
  return tracer;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain; log: ${logs.join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

afterEach(async () => {
  for (const tracer of running.splice(0)) await tracer.stop();
});

describe('commands', () => {
  test('are answered in order, and every event is passed on', async () => {
    const tracer = await start({});
    expect(tracer.ready.kernel).toBe('6.18.0');
    await tracer.attach('a', 42, settings);
    await tracer.settings('a', { ...settings, errors: false });
    const [first, second] = await Promise.all([tracer.drain(), tracer.drain()]);
    expect([first.token, second.token]).toEqual(['1', '2']);
    await tracer.detach('a');
    expect(events.map(({ type }) => type)).toEqual(['ready', 'attached', 'settings', 'drained', 'drained', 'detached']);
  });

  test('a drain tells who waits for a lock where it is asked to', async () => {
    const line =
      '{"type":"drained","token":"$token","unixNano":"1","targets":[],"losses":{"asked":"$locks"},"bpf":{"runTimeNs":0,"runCount":0}}';
    const tracer = await start({ on: { drain: [{ line }] } });
    expect((await tracer.drain()).losses).toEqual({ asked: 'undefined' });
    expect((await tracer.drain({ locks: true })).losses).toEqual({ asked: 'true' });
  });

  test('a refusal carries the reason and the sentence of the tracer', async () => {
    const refuse: Step[] = [
      { line: '{"type":"refused","target":"$target","reason":"MissingSymbols","message":"no EndCommand in it"}' },
    ];
    const tracer = await start({ on: { attach: refuse } });
    const refusal = tracer.attach('a', 42, settings);
    await expect(refusal).rejects.toThrow(RefusedError);
    await expect(refusal).rejects.toMatchObject({
      reason: 'MissingSymbols',
      message: 'no EndCommand in it',
      target: 'a',
    });
  });

  test('silence is an error after a while', async () => {
    const tracer = await start({ on: { attach: [], drain: [] } }, { answerTimeoutMs: 20_000, drainTimeoutMs: 50 });
    await expect(tracer.drain()).rejects.toThrow(new TracerError('the tracer has not answered drain within 0.05 s'));
  });
});

describe('what the tracer says', () => {
  test('lines that are no events are left out, counted and reported, and the rest goes on', async () => {
    const drain: Step[] = [
      { line: 'Segmentation fault' },
      { line: '{"type":"aggregate","target":"a","fingerprint":"12","databaseOid":1,"userOid":1,"calls":1,"errors":0}' },
      { line: '{"type":"drained","token":"$token","unixNano":"1","targets":[],"losses":{},"bpf":{}}' },
    ];
    const tracer = await start({ on: { drain } });
    await tracer.drain();
    expect(tracer.malformedLines).toBe(2);
    expect(logs).toEqual([
      'a line of the tracer was left out: it is not JSON',
      'a line of the tracer was left out: its aggregate event has a bad field fingerprint',
    ]);
  });

  test('an event that cannot be used is counted, too', async () => {
    const tracer = await start(
      {},
      {
        onEvent({ type }) {
          if (type === 'attached') throw new Error('no room');
        },
      },
    );
    await tracer.attach('a', 42, settings);
    expect(logs).toEqual(['a line of the tracer was left out: its attached event could not be used: no room']);
  });

  test('an endless line is dropped in bounded memory', async () => {
    const tracer = await start({ start: [{ noise: 5_000_000 }, { line: '' }, { line: READY }] });
    expect(logs).toEqual(['a line of the tracer was left out: it is longer than 4194304 bytes']);
    expect(tracer.malformedLines).toBe(1);
  });

  test('its log lines are relayed', async () => {
    await start({ start: [{ log: 'using uprobe.multi' }, { line: READY }] });
    await until(() => logs.length > 0);
    expect(logs).toEqual(['using uprobe.multi']);
  });
});

describe('a tracer that does not start', () => {
  test('because of kernel or rights: its own sentence is the error, and is said once', async () => {
    const script: Script = {
      start: [{ log: 'libbpf: 1.4' }, { log: 'pgscope-tracer: this kernel has no BTF' }, { exit: 3 }],
    };
    await expect(start(script)).rejects.toThrow(new TracerError('this kernel has no BTF'));
    expect(logs).toEqual(['libbpf: 1.4']);
  });

  test('for another reason: code and last line', async () => {
    const script: Script = { start: [{ log: 'assertion failed' }, { exit: 1 }] };
    await expect(start(script)).rejects.toThrow(new TracerError('the tracer ended with exit code 1: assertion failed'));
  });

  test('is named when it cannot be executed', async () => {
    await expect(start({}, { path: '/nonexistent/tracer' })).rejects.toThrow(
      /^\/nonexistent\/tracer cannot be started: .*ENOENT/s,
    );
  });
});

describe('a tracer that dies', () => {
  test('is started again with the same targets, and waiting commands fail', async () => {
    const tracer = await start({ on: { drain: [{ signal: 'SIGKILL' }] } });
    await tracer.attach('a', 42, settings);
    await tracer.attach('b', 43, settings);
    await expect(tracer.drain()).rejects.toThrow(new TracerError('the tracer was ended by SIGKILL'));
    await until(() => events.filter(({ type }) => type === 'attached').length === 4);
    expect(tracer.restarts).toBe(1);
    expect(events.slice(3)).toMatchObject([
      { type: 'ready' },
      { type: 'attached', target: 'a', pid: 42 },
      { type: 'attached', target: 'b', pid: 43 },
    ]);
    expect(logs).toEqual(['the tracer was ended by SIGKILL; starting it again in 0.001 s']);
  });

  test('comes back without a target that is refused now', async () => {
    const dying: Script = { on: { settings: [{ signal: 'SIGKILL' }], drain: [] } };
    const tracer = await start(dying);
    await tracer.attach('a', 42, settings);
    await tracer.detach('a');
    await expect(tracer.settings('a', settings)).rejects.toThrow('SIGKILL');
    await until(() => tracer.restarts === 1 && events.filter(({ type }) => type === 'ready').length === 2);
    expect(events.filter(({ type }) => type === 'attached')).toHaveLength(1);
  });
});

describe('stopping', () => {
  test('kills a tracer that does not end when its stdin closes', async () => {
    const tracer = await start({ immortal: true }, { graceMs: 50 });
    await tracer.stop();
    await expect(tracer.drain()).rejects.toThrow(TracerError);
    expect(tracer.restarts).toBe(0);
  });

  test('ends the wait for a restart', async () => {
    const tracer = await start({ on: { drain: [{ exit: 1 }] } }, { restartDelayMs: 600_000 });
    await expect(tracer.drain()).rejects.toThrow('ended with exit code 1');
    await tracer.stop();
    expect(tracer.restarts).toBe(0);
  });
});
