/** Trace programs by the real command, with the real bpftrace, on real servers. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../../agent/telemetry/export/receiver.js';
import { Recorded } from '../../command/otlp.js';
import { Command, type Ended, eventually, run, scratchFile, stopCommands } from '../../command.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(180_000);

let server: Server;
let receiver: Receiver | undefined;
beforeAll(async () => {
  server = await startServer({ build: 'n18', statementStatistics: true });
});
afterEach(async () => {
  await stopCommands();
  await receiver?.close();
  receiver = undefined;
});
afterAll(stopServers);

const SOURCE = `
#define PGSCOPE_TARGET (curtask->real_parent->tgid == (int32)$1)
uprobe:postgres:pgstat_report_activity /PGSCOPE_TARGET && arg1 != 0/ { @start[tid] = nsecs; @text[tid] = str(arg1); }
uprobe:postgres:EndCommand /PGSCOPE_TARGET && @start[tid] != 0/ {
  @calls[@text[tid]] = count();
  @time = hist((nsecs - @start[tid]) / 1000);
  if ((nsecs - @start[tid]) / 1000 >= (uint64)$2) { print((@text[tid], pid)); }
  delete(@start[tid]);
  delete(@text[tid]);
}
END { printf("the end"); print(@calls, 1); clear(@calls); clear(@start); clear(@text); }
`;

const indented = (source: string) => source.replaceAll('\n', '\n    ');

function traceProgram(source = SOURCE): string {
  return scratchFile(
    'statements.yaml',
    `apiVersion: pgscope.dev/v1alpha1
kind: TraceProgram
metadata: {name: statements}
spec:
  arguments: [{name: slower-than, type: duration, unit: us, default: 0ms}]
  maps:
    - {name: calls, metric: test.calls, unit: '{call}', kind: counter, keys: [{name: statement, type: query}]}
    - {name: time, metric: test.time, unit: s, kind: histogram, scale: 0.000001}
  events:
    - {name: test.statement, fields: [{name: statement, type: query}, {name: process.pid, type: integer}]}
  source: |${indented(source)}
`,
  );
}

interface Started {
  command: Command;
  file: string;
}

/** Resolves when a statement has been seen. */
async function start(program: string, ...args: string[]): Promise<Started> {
  const file = scratchFile('told.jsonl');
  const command = Command.start(['run', program, '--interval', '200ms', '--otlp-file', file, ...args]);
  await command.says('attached');
  return { command, file };
}

/** bpftrace says that it attaches before it has. */
async function seen(of: Server, { file }: Started, count = 1): Promise<void> {
  await eventually('the first statement', async () => {
    await of.sql('select 1 as first_seen');
    return resources(file, 'first_seen').size >= count;
  });
}

function resources(file: string, marker: string): Set<unknown> {
  const points = Recorded.fromFile(file).metric('test.calls');
  const own = points.filter(({ attributes }) => String(attributes['db.query.text']).includes(marker));
  return new Set(own.map(({ resource }) => resource['pgscope.data_directory']));
}

function calls(file: string, marker: string, of = server): number {
  return Recorded.fromFile(file).total(
    'test.calls',
    ({ attributes, resource }) =>
      String(attributes['db.query.text']).includes(marker) && resource['pgscope.data_directory'] === of.dataDirectory,
  );
}

const bpftraces = (command: Command) => command.processes().filter((pid) => pid !== command.pid);

async function expectNothingLeft(command: Command): Promise<void> {
  await eventually(`the end of ${command.processes()}`, () => command.processes().length === 0);
}

describe('what a program tells', () => {
  test('is what pg_stat_statements counts, without literals; to a file and to a receiver', async () => {
    receiver = await startReceiver();
    const export_ = ['--otlp-endpoint', receiver.url, '--otlp-protocol', 'http/json'];
    const started = await start(traceProgram(), '--pid', String(server.pid), ...export_);
    await seen(server, started);
    await server.sql('select pg_stat_statements_reset()');
    for (let i = 0; i < 30; i++) await server.sql(`select ${i} as counted, 'canary${i}'`);
    for (let i = 0; i < 7; i++) await server.sql(`select pg_sleep(0.02), 'canary' as slept`);
    const [{ counted, slept }] = (await server.sql(
      `select sum(calls) filter (where query like '%as counted%') as counted, sum(calls) filter (where query like '%as slept%') as slept
       from pg_stat_statements where query not like '%filter%'`,
    )) as [{ counted: string; slept: string }];
    const { exitCode, stdout, stderr } = await started.command.end();
    expect([exitCode, Number(counted), Number(slept)]).toEqual([0, 30, 7]);
    const sent = Recorded.fromBodies(receiver.received.map(({ body }) => body));
    for (const recorded of [Recorded.fromFile(started.file), sent]) {
      const of = (marker: string) =>
        recorded.total('test.calls', ({ attributes }) => String(attributes['db.query.text']).includes(marker));
      expect([of('as counted'), of('as slept')]).toEqual([30, 7]);
      const events = recorded.logs.filter(({ attributes }) => String(attributes['db.query.text']).includes('as slept'));
      expect(events).toHaveLength(7);
      expect(events[0]).toMatchObject({ event: 'test.statement', attributes: { 'pgscope.program': 'statements' } });
      expect(recorded.total('test.time')).toBeGreaterThanOrEqual(37);
      expect(recorded.decreases()).toEqual([]);
    }
    for (const text of [stdout, stderr, ...receiver.received.map(({ body }) => body.toString())])
      expect(text).not.toContain('canary');
    expect(stdout).toMatch(/^ +30 {2}select \$1 as counted, \$2$/m);
    await expectNothingLeft(started.command);
  });

  test('slow statements alone, by an argument; no text where none is asked for', async () => {
    const args = ['--pid', String(server.pid), '--arg', 'slower-than=200ms', '--query-text', 'none'];
    const started = await start(traceProgram(), ...args);
    await eventually('the first statement', async () => {
      await server.sql('select pg_sleep(0.3)');
      return Recorded.fromFile(started.file).logs.length > 0;
    });
    await started.command.end();
    const { logs } = Recorded.fromFile(started.file);
    expect(new Set(logs.map(({ attributes }) => attributes['db.query.summary']))).toEqual(new Set(['SELECT pg_sleep']));
    expect(logs.filter(({ attributes }) => 'db.query.text' in attributes)).toEqual([]);
  });

  test('of a source alone has names of its own, and what it prints is shown and not exported', async () => {
    const source = SOURCE.replace('$2', '1').replace('the end', 'canary end');
    const started = await start(scratchFile('my_calls.bt', source), '--pid', String(server.pid));
    await eventually('the first statement', async () => {
      await server.sql(`select 'canary' as told`);
      return Recorded.fromFile(started.file).metric('pgscope.program.my_calls.calls').length > 0;
    });
    expect((await started.command.end()).stdout).toMatch(/^canary end$/m);
    const recorded = Recorded.fromFile(started.file);
    expect(recorded.total('pgscope.program.my_calls.time')).toBeGreaterThan(0);
    expect(recorded.logs).toEqual([]);
    expect(JSON.stringify(recorded.points.map(({ attributes }) => attributes))).not.toContain('canary');
  });

  test('of several servers is told apart, also over a restart', async () => {
    const other = await startServer({ build: 'd15' });
    const started = await start(traceProgram(), '--pid', String(server.pid), '--data-directory', other.dataDirectory);
    await started.command.says('attached', 2);
    await eventually('both servers', async () => {
      await Promise.all([server, other].map((one) => one.sql('select 1 as first_seen')));
      return resources(started.file, 'first_seen').size === 2;
    });
    for (let i = 0; i < 5; i++) await server.sql('select 1 as on_one');
    for (let i = 0; i < 3; i++) await other.sql('select 1 as on_other');
    await other.stop();
    await started.command.says('has ended');
    await other.start();
    await started.command.says('attached', 3);
    await eventually('a statement after the restart', async () => {
      await other.sql('select 1 as after_restart');
      return calls(started.file, 'after_restart', other) > 0;
    });
    await started.command.end();
    expect([calls(started.file, 'on_one'), calls(started.file, 'on_other')]).toEqual([5, 0]);
    expect([calls(started.file, 'on_one', other), calls(started.file, 'on_other', other)]).toEqual([0, 3]);
    await expectNothingLeft(started.command);
  });
});

describe('a program that cannot be run', () => {
  const refused = async (program: string, ...args: string[]): Promise<Ended> => {
    const ended = await run(['run', program, '--pid', String(server.pid), '--duration', '30s', ...args]);
    expect(ended.stderr).not.toMatch(/internal error|^ {4}at /m);
    return ended;
  };

  test('is refused with line and reason before anything runs', async () => {
    const { exitCode, stderr } = await refused(scratchFile('bad.bt', 'BEGIN { }\nkprobe:f { system("id"); }\n'));
    expect([exitCode, stderr.split('\n').slice(0, 2)]).toEqual([
      2,
      [
        expect.stringMatching(/^pgscope run: bad: line 2: this probe would see every process; /),
        'pgscope run: bad: line 2: system() is not allowed: it runs a command',
      ],
    ]);
  });

  test('since bpftrace does not take it: its first error, with the line of the source', async () => {
    const { exitCode, stderr } = await refused(
      scratchFile('wrong.bt', '// a\n\nBEGIN { @a = no_such_function(1); }\n'),
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^pgscope run: bpftrace does not take it: line 3, column \d+: .*no_such_function/m);
  });

  test('since an argument is wrong', async () => {
    const { exitCode, stderr } = await refused(traceProgram(), '--arg', 'slower-than=1 || 1');
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('the argument slower-than: "1 || 1" has the unknown unit'),
    ]);
  });

  test('without bpftrace', async () => {
    const env = { PGSCOPE_BPFTRACE: '/nowhere/bpftrace' };
    const { exitCode, stderr } = await run(['run', traceProgram(), '--pid', String(server.pid)], { env });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('bpftrace cannot be run as /nowhere/bpftrace')]);
  });

  test('since nothing of it exists', async () => {
    const source = SOURCE.replaceAll(/uprobe:postgres:\w+/g, 'uprobe:postgres:no_such_function');
    const { exitCode, stderr } = await run(['run', traceProgram(source), '--pid', String(server.pid)]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('none of its probes exists here')]);
  });

  test('in part: what does not exist is told, the rest runs', async () => {
    const source = `${SOURCE}\nuprobe:postgres:no_such_function /PGSCOPE_TARGET/ { @start[tid] = 1; }\n`;
    const started = await start(traceProgram(source), '--pid', String(server.pid));
    await started.command.says('attached; 1 of its probes do not exist here');
    await seen(server, started);
    const { exitCode, stdout } = await started.command.end();
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('1 probe of the program not attached')]);
    expect(Recorded.fromFile(started.file).losses()).toMatchObject({ 'programs probesMissing': 1 });
  });
});

test('output without end is bounded, counted, and does not keep the command from ending', async () => {
  const source = `${SOURCE}\ninterval:ms:1 { unroll(50) { print(("flood", nsecs)); } }\n`;
  const started = await start(traceProgram(source), '--pid', String(server.pid));
  await eventually(
    'a loss',
    () => (Recorded.fromFile(started.file).losses()['programs eventsRateLimited'] ?? 0) > 5000,
  );
  const memory = started.command.memory();
  const { exitCode, stdout } = await started.command.end();
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^[\d,]+ events above 200 a second left out/m)]);
  expect(memory).toBeLessThan(300 * 1024 * 1024);
  await expectNothingLeft(started.command);
});

test('kill -9 of the command: bpftrace ends', async () => {
  const started = await start(traceProgram(), '--pid', String(server.pid));
  await seen(server, started);
  expect(bpftraces(started.command)).toHaveLength(1);
  started.command.kill('SIGKILL');
  await started.command.ended;
  await expectNothingLeft(started.command);
  await server.sql('select 1');
});

test('kill -9 of bpftrace: it comes back, and counts go on', async () => {
  const started = await start(traceProgram(), '--pid', String(server.pid));
  await seen(server, started);
  for (let i = 0; i < 9; i++) await server.sql('select 1 as surviving');
  await eventually('what was counted', () => calls(started.file, 'as surviving') === 9);
  process.kill(bpftraces(started.command)[0] ?? 0, 'SIGKILL');
  await started.command.says('bpftrace was ended by SIGKILL; it is started again in 1 s');
  await started.command.says('attached', 2);
  const before = calls(started.file, 'first_seen');
  await eventually('a statement', async () => {
    await server.sql('select 1 as first_seen');
    return calls(started.file, 'first_seen') > before;
  });
  for (let i = 0; i < 4; i++) await server.sql('select 1 as surviving');
  const { exitCode, stdout } = await started.command.end();
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('bpftrace died and was started again (1 time)')]);
  expect(calls(started.file, 'as surviving')).toBe(13);
  expect(Recorded.fromFile(started.file).decreases()).toEqual([]);
  await expectNothingLeft(started.command);
});
