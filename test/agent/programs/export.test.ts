import { expect, test } from '@jest/globals';
import { createProgramExport } from '../../../agent/programs/export.js';
import { createProgramMetrics } from '../../../agent/programs/metrics.js';
import { bareProgram } from '../../../agent/programs/program.js';
import type { Exporter, LogRecord, MetricsSnapshot, Resource } from '../../../agent/telemetry.js';

const scope = { name: 'pgscope', version: '1' };

/** Keeps what it gets. */
function keepingExporter() {
  const snapshots: MetricsSnapshot[] = [];
  const logs: [Resource, LogRecord][] = [];
  const signals = [
    {
      signal: 'logs' as const,
      exported: 1,
      superseded: 0,
      lost: { refused: 3 },
      queuedItems: 0,
      queuedBytes: 0,
      last: undefined,
    },
  ];
  const exporter: Exporter = {
    span: () => {},
    metrics: (snapshot) => void snapshots.push(snapshot),
    log: (resource, record) => void logs.push([resource, record]),
    greet: () => {},
    totals: () => ({ name: 'kept', signals }),
    flush: async () => {},
    shutdown: async () => {},
  };
  return { exporter, snapshots, logs };
}

function points({ parts }: MetricsSnapshot): string[] {
  return parts.flatMap(({ metrics: { scopeMetrics } }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, sum, gauge }) =>
        (sum ?? gauge ?? { dataPoints: [] }).dataPoints.map(
          ({ asInt, flags }) => `${name} ${flags === 1 ? 'ended' : asInt}`,
        ),
      ),
    ),
  );
}

test('maps are told as they are, with whether the program runs; at the end all series end', () => {
  const { exporter, snapshots } = keepingExporter();
  const program = bareProgram('p', 'BEGIN { @a = count(); }');
  const metrics = createProgramMetrics(program, { disclose: () => ({ summary: '', text: undefined }), maxEntries: 9 });
  const out = createProgramExport({ exporters: [exporter], scope, own: {} });
  const run = out.begin(program, { key: 'server', resource: { 'service.name': 'postgresql' } });
  metrics.update('a', 5);
  run.collect({ metrics, state: 'Running' });
  run.end(metrics);
  expect(snapshots.map((snapshot) => [snapshot.key, snapshot.final, ...points(snapshot)])).toEqual([
    ['program p server', false, 'pgscope.program.p.a 5', 'pgscope.program.running 1'],
    ['program p server', false, 'pgscope.program.p.a 5', 'pgscope.program.running 0'],
    ['program p server', true, 'pgscope.program.p.a ended', 'pgscope.program.running ended'],
  ]);
  const times = snapshots.map(
    ({ parts }) => parts[0]?.metrics.scopeMetrics[0]?.metrics[0]?.sum?.dataPoints[0]?.timeUnixNano,
  );
  expect(times).toEqual([...times].sort());
  expect(new Set(times).size).toBe(3);
});

test('metrics say in their scope which program tells them, also what it shows if that is known', () => {
  const { exporter, snapshots } = keepingExporter();
  const program = bareProgram('p', 'BEGIN { @a = count(); }');
  const metrics = createProgramMetrics(program, { disclose: () => ({ summary: '', text: undefined }), maxEntries: 9 });
  const out = createProgramExport({ exporters: [exporter], scope, own: {} });
  for (const description of ['', 'Where it goes.'])
    out.begin({ name: 'p', description }, { key: 'server', resource: {} }).collect({ metrics, state: 'Running' });
  const scopes = snapshots.flatMap(({ parts }) => parts.map(({ metrics: { scopeMetrics } }) => scopeMetrics[0]?.scope));
  const name = { key: 'pgscope.program', value: { stringValue: 'p' } };
  const shows = { key: 'pgscope.program.description', value: { stringValue: 'Where it goes.' } };
  expect(scopes).toEqual([
    { ...scope, attributes: [name] },
    { ...scope, attributes: [name, shows] },
  ]);
});

test('events are log records of the server', () => {
  const { exporter, logs } = keepingExporter();
  const out = createProgramExport({ exporters: [exporter], scope, own: {} });
  out
    .begin({ name: 'p', description: '' }, { key: 'server', resource: { a: 'b' } })
    .event({ name: 'my.event', attributes: { n: 1 } });
  expect(logs).toMatchObject([[{ attributes: [{ key: 'a' }] }, { eventName: 'my.event' }]]);
});

test('losses of programs and of the way out are metrics of pgscope', () => {
  const { exporter, snapshots } = keepingExporter();
  const out = createProgramExport({ exporters: [exporter], scope, own: {} });
  out.collectOwn({ eventsLost: 7, mapsFull: 0 });
  expect(snapshots.flatMap(points).filter((point) => point.startsWith('pgscope.losses'))).toEqual([
    'pgscope.losses 7',
    'pgscope.losses 3',
  ]);
  expect(out.losses).toEqual([{ stage: 'export', reason: 'refused', signal: 'logs', exporter: 'kept', count: 3 }]);
});
