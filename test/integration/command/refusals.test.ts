/** What `pgscope record` cannot do: one sentence on stderr, the documented exit code, and no process and no probe left. */
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { hideSymbol, setSize, startChangedServer } from '../../command/changed-server.js';
import { expectNothingLeft } from '../../command/probes.js';
import { Command, type CommandOptions, scratchFile, stopCommands } from '../../command.js';
import { childrenOf, removeServer, type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

let server: Server;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
});
afterEach(stopCommands);
afterAll(stopServers);

/** Runs `record` with these arguments, which it must refuse; what it says on stderr. */
async function refused(exitCode: number, args: string[], options?: CommandOptions): Promise<string> {
  const command = Command.start(['record', '--duration', '30s', ...args], options);
  const ended = await command.ended;
  expect(ended).toMatchObject({ exitCode, stdout: '' });
  expect(ended.stderr).not.toMatch(/internal error|^ {4}at /m);
  await expectNothingLeft(command);
  return ended.stderr;
}

describe('a target that is none', () => {
  test('a PID that no process has', async () => {
    expect(await refused(1, ['--pid', '4000000'])).toBe('pgscope record: there is no process with PID 4000000\n');
  });

  test('a PID that is no PostgreSQL server', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore', cwd: '/' });
    try {
      expect(await refused(1, ['--pid', String(child.pid)])).toBe(
        `pgscope record: PID ${child.pid} (sleep) is not a PostgreSQL server: its working directory / has no postmaster.pid with its PID\n`,
      );
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('a PID of a backend: the postmaster is named', async () => {
    const [backend] = childrenOf(server.pid);
    const said = await refused(1, ['--pid', String(backend?.pid)]);
    expect(said).toContain(`not its postmaster; use --pid ${server.pid}\n`);
  });

  test('what is no PID', async () => {
    expect(await refused(2, ['--pid', '12x'])).toMatch(/^pgscope record: --pid 12x: not a process ID; /);
  });

  test('a data directory that does not exist, and one without a server', async () => {
    const missing = scratchFile('missing');
    expect(await refused(1, ['--data-directory', missing])).toBe(`pgscope record: ${missing} is not a directory\n`);
    expect(await refused(1, ['--data-directory', '/usr'])).toMatch(/^pgscope record: \/usr is not a PostgreSQL data/);
    const other = await startServer({ build: 'n18' });
    await other.stop();
    expect(await refused(1, ['--data-directory', other.dataDirectory])).toBe(
      `pgscope record: no PostgreSQL server runs in ${other.dataDirectory} (it has no postmaster.pid); start the server first\n`,
    );
    await removeServer(other);
  });

  test('one that is right does not make up for one that is wrong', async () => {
    expect(await refused(1, ['--pid', String(server.pid), '--pid', '4000000'])).toMatch(/no process with PID 4000000/);
  });

  test('a host without a server', async () => {
    const by = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    expect(await refused(1, [], { by })).toMatch(/^pgscope record: no PostgreSQL server runs on this host, or none/);
  });
});

describe('a server that pgscope cannot read', () => {
  test('one that does not export what is needed', async () => {
    const changed = await startChangedServer('d15', (executable) => hideSymbol(executable, 'EndCommand'));
    expect(await refused(1, ['--pid', String(changed.pid)])).toMatch(
      new RegExp(
        `^pgscope record: .*postgres \\(PostgreSQL 15\\S*, PID ${changed.pid}\\) does not export EndCommand, so its statements cannot be observed; .*\\n$`,
      ),
    );
    await removeServer(changed);
  });

  test('one whose memory is laid out in another way', async () => {
    const changed = await startChangedServer('n18', (executable) => setSize(executable, 'pgBufferUsage', 136n));
    expect(await refused(1, ['--pid', String(changed.pid)])).toMatch(
      /^pgscope record: pgBufferUsage of the PostgreSQL 18\S* server with PID \d+ has 136 bytes instead of 128: this is a modified build/,
    );
    await removeServer(changed);
  });
});

describe('a profile or an option that is wrong', () => {
  const profile = (...spec: string[]) =>
    scratchFile(
      'profile.yaml',
      ['apiVersion: pgscope.dev/v1alpha1', 'kind: PostgresProfile', 'spec:', ...spec.map((line) => `  ${line}`)].join(
        '\n',
      ),
    );

  test.each([
    ['level: deep', /: spec\.level: .*"deep".*waits.*statements.*\(line 4\)/],
    ['queryText: redacted', /: spec\.queryText: .*"redacted".*none.*normalized.*raw/],
    ['metrics: {interval: 10}', /: spec\.metrics\.interval: 10 has no unit; write for example 10s/],
    ['spans: {sampleRatio: 2}', /: spec\.spans\.sampleRatio: .*2.*1/],
    ['spans: {minDuraton: 1ms}', /: spec\.spans\.minDuraton: .*minDuration/],
    ['podName: orders-db-0', /: spec\.podName: record takes its target from --pid or --data-directory/],
    [
      'programs: [{name: pg-cpudist}]',
      /: spec\.programs: record runs no programs, pgscope run does; take this field out/,
    ],
  ])('%s', async (line, sentence) => {
    const said = await refused(2, ['--pid', String(server.pid), '-f', profile(line)]);
    expect(said).toMatch(/^pgscope record: /);
    expect(said).toMatch(sentence);
  });

  test('every fault of a profile has its line, and the file is named', async () => {
    const path = profile('level: deep', 'spans:', '  sampleRatio: much');
    const said = await refused(2, ['-f', path]);
    const lines = said.split('\n').filter((line) => line.startsWith(`pgscope record: ${path}: spec.`));
    expect(lines).toEqual([expect.stringContaining('(line 4)'), expect.stringContaining('(line 6)')]);
  });

  test('no YAML, and no file', async () => {
    expect(await refused(2, ['-f', scratchFile('profile.yaml', 'spec: {level: [')])).toMatch(/profile\.yaml: .*line/);
    const missing = scratchFile('missing.yaml');
    expect(await refused(2, ['-f', missing])).toContain(`the profile ${missing} cannot be read`);
  });

  test.each([
    [['--level', 'deep'], '--level: "deep" is not one of waits, statements, phases'],
    [['--sample-ratio', '2'], '--sample-ratio: '],
    [['--otlp-endpoint', 'nowhere'], 'nowhere'],
    [['--otlp-file', '/nowhere/file'], '--otlp-file: /nowhere/file cannot be written: its directory does not exist'],
    [['--colour'], '--colour'],
  ])('%j', async (args, sentence) => {
    expect(await refused(2, args)).toContain(sentence);
  });
});

describe('rights that are missing', () => {
  const target = () => ['--pid', String(server.pid)];
  /** Reading the checkout, wherever it lies, is all that is left to it. */
  const UNPRIVILEGED = [
    'setpriv',
    ...['--reuid=65534', '--regid=65534', '--clear-groups'],
    ...[
      '--inh-caps=-all,+dac_read_search',
      '--ambient-caps=-all,+dac_read_search',
      '--bounding-set=-all,+dac_read_search',
    ],
  ];

  test('an ordinary user', async () => {
    const said = await refused(1, target(), { by: UNPRIVILEGED });
    expect(said).toMatch(/^pgscope record: the kernel refused the BPF programs \(.*\): run as root, or with CAP_BPF/);
  });

  test('root whose container may not use BPF', async () => {
    const by = ['setpriv', '--bounding-set=-bpf,-sys_admin,-perfmon'];
    const said = await refused(1, target(), { by });
    expect(said).toMatch(/^pgscope record: the kernel refused the BPF programs \(.*\): run as root, or with CAP_BPF/);
  });

  test('root that may load programs but not trace with them', async () => {
    const by = ['setpriv', '--bounding-set=-sys_admin,-perfmon'];
    const said = await refused(1, target(), { by });
    expect(said).toMatch(/^pgscope record: the kernel refused the BPF programs \(.*\): run as root, or with CAP_BPF/);
  });

  test('root that may not look at processes of others', async () => {
    const by = ['setpriv', '--bounding-set=-sys_ptrace'];
    const said = await refused(1, target(), { by });
    expect(said).toMatch(/^pgscope record: .*run pgscope as root with CAP_SYS_PTRACE/);
  });

  test('a kernel without type information', async () => {
    const by = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', 'sh'];
    const said = await refused(1, target(), { by });
    expect(said).toMatch(/^pgscope record: this kernel \(.*\) has no type information .*CONFIG_DEBUG_INFO_BTF/);
  });
});
