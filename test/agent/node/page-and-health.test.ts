import { afterEach, expect, test } from '@jest/globals';
import { parseDestinations } from '../../../agent/node/destinations.js';
import { healthz, readyz } from '../../../agent/node/health.js';
import { type HttpPort, openHttp } from '../../../agent/node/http.js';
import { createLostEvents, eventsLost } from '../../../agent/node/lost-events.js';
import { metricsPage } from '../../../agent/node/metrics-page.js';
import { projectNodeProfile } from '../../../agent/node/profiles.js';
import { openReceivers } from '../../../agent/node/receivers.js';
import type { TracerState } from '../../../agent/node/tracer-holder.js';
import { createWake } from '../../../agent/node/wake.js';
import { profile, rawProfile } from './profiles.js';

let http: HttpPort | undefined;
afterEach(async () => {
  await http?.close();
  http = undefined;
});

test('the port answers three paths, and 503 with the reason where something is wrong', async () => {
  let problem: string | undefined;
  http = await openHttp({ port: 0, healthz: () => problem, readyz: () => 'not yet', metrics: () => 'a 1\n' });
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${http?.port}${path}`, { method });
    return [response.status, await response.text()];
  };
  expect(await get('/healthz?verbose')).toEqual([200, 'ok\n']);
  problem = 'the tracer has not answered for 200 s';
  expect(await get('/healthz')).toEqual([503, `${problem}\n`]);
  expect(await get('/readyz')).toEqual([503, 'not yet\n']);
  expect(await get('/metrics')).toEqual([200, 'a 1\n']);
  expect((await get('/'))[0]).toBe(404);
  expect((await get('/healthz', 'POST'))[0]).toBe(404);
  await expect(
    openHttp({ port: http.port, healthz: () => undefined, readyz: () => undefined, metrics: () => '' }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('healthy is who goes on, ready is whose rows can be relied on', () => {
  let nowMs = 1000;
  let steppedAt: number | undefined;
  let synced = false;
  const capture: { tracer: TracerState; answeredAt: number | undefined } = {
    tracer: { kind: 'starting' },
    answeredAt: undefined,
  };
  const facts = { steppedAt: () => steppedAt, synced: () => synced, capture, now: () => nowMs };
  const [healthy, ready] = [healthz(facts), readyz(facts)];
  expect([healthy(), ready()]).toEqual([undefined, 'the NodeProfiles of this node are not known yet']);
  synced = true;
  expect(ready()).toBe('the tracer is being started');
  capture.tracer = { kind: 'failed', reason: 'NotPermitted', message: '' };
  steppedAt = nowMs;
  expect(ready()).toBeUndefined();
  capture.tracer = { kind: 'running' };
  capture.answeredAt = nowMs;
  nowMs += 200_000;
  expect(healthy()).toBe('no step has been completed for 200 s');
  steppedAt = nowMs;
  expect(healthy()).toBe('the tracer has not answered for 200 s');
  capture.tracer = { kind: 'restarting' };
  expect(healthy()).toBeUndefined();
});

test('the page has each family once, and labels that are escaped', () => {
  const destinations = parseDestinations(
    '{"a": {"endpoint": "http://c:4317"}, "b": {"endpoint": "http://c:4318"}}',
    'd',
  );
  const receivers = openReceivers({ destinations, nodeName: 'node-a', programLosses: () => [], onLog: () => {} });
  receivers.get('b')?.telemetry.dropped('recordsRateLimited');
  const page = metricsPage({
    receivers,
    rows: [{ containerID: 'c', state: 'Attached', reason: 'Attached', message: '' }],
    nodeProfiles: 1,
    programs: { Running: 2 },
    synced: true,
    tracerRunning: true,
    tracerRestarts: 2,
    captureLosses: { 'odd "name"\\': 3 },
    statusWriteFailures: 0,
  });
  const lines = page.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'pgscope_losses_total{stage="capture",reason="odd \\"name\\"\\\\"} 3',
      'pgscope_losses_total{stage="telemetry",reason="recordsRateLimited",destination="b"} 1',
      'pgscope_node_targets{state="Attached"} 1',
      'pgscope_node_targets{state="Failed"} 0',
      'pgscope_destination_usable{destination="a"} 0',
      'pgscope_destination_usable{destination="b"} 1',
      'pgscope_export_queue_items{destination="b",signal="traces"} 0',
      'pgscope_tracer_restarts_total 2',
    ]),
  );
  const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(types).size).toBe(types.length);
  for (const line of lines) expect(line).toMatch(/^(# (HELP|TYPE) .*|[a-z_]+(\{.*\})? -?[\d.e+]+|)$/);
});

test('lost events are those after which a statement is missing, since the first attachment', () => {
  const losses = [
    { stage: 'export', reason: 'queueFull', signal: 'traces', count: 5 },
    { stage: 'export', reason: 'queueFull', signal: 'metrics', count: 100 },
    { stage: 'telemetry', reason: 'recordsRateLimited', count: 2 },
    { stage: 'telemetry', reason: 'queriesOverflow', count: 100 },
  ] as const;
  expect(eventsLost({ recordsRingFull: 10, textTruncated: 100 }, { losses: [...losses] })).toBe(17);
  const lost = createLostEvents();
  const [one, other] = [profile('a'), profile('b')];
  expect(lost.of(one, 17, false)).toBe(0);
  expect(lost.of(one, 20, true)).toBe(0);
  expect(lost.of(one, 27, true)).toBe(7);
  expect(lost.of(one, 27, false)).toBe(7);
  expect(lost.of(other, 27, true)).toBe(0);
  lost.keep([other]);
  expect(lost.of(one, 30, true)).toBe(0);
});

test('an agent counts on from what the one before it has stored', () => {
  const stored = projectNodeProfile({ ...rawProfile('a'), status: { lostEvents: 500 } });
  const lost = createLostEvents();
  expect(lost.of(stored, 0, false)).toBe(500);
  expect(lost.of(stored, 40, true)).toBe(500);
  const written = { ...stored, lostEvents: 800 };
  expect(lost.of(written, 340, true)).toBe(800);
});

test('a wait ends when it is woken, also if that came before', async () => {
  const wake = createWake();
  wake.now();
  await wake.within(1e6);
  const waiting = wake.within(1e6);
  wake.now();
  await waiting;
  await wake.within(0);
});
