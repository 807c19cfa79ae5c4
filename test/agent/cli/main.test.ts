import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { commands } from '../../../agent/cli/commands.js';
import { main, overview } from '../../../agent/cli/main.js';
import { widthOf } from '../../../agent/cli/top/width.js';
import { capturedIo } from './io.js';

async function run(line: string) {
  const { io, stdout, stderr } = capturedIo();
  const code = await main(line.split(' ').filter(Boolean), io);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('help', () => {
  test.each(['', '--help', '-h', 'help'])('pgscope %s lists the commands', async (line) => {
    expect(await run(line)).toEqual({ code: 0, stdout: overview(), stderr: '' });
  });

  test.each(commands.map(({ name }) => name))('of %s, asked for in each way', async (name) => {
    const help = commands.find((command) => command.name === name)?.help;
    for (const line of [`help ${name}`, `${name} --help`, `${name} --interval 1s -h`]) {
      expect(await run(line)).toEqual({ code: 0, stdout: help, stderr: '' });
    }
  });

  test.each([['pgscope', overview()], ...commands.map(({ name, help }) => [name, help] as const)])(
    'of %s fits 80 columns',
    (_name, help) => {
      for (const line of help.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
      expect(help.endsWith('\n')).toBe(true);
    },
  );
});

describe('version', () => {
  test('is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run('--version')).toEqual({ code: 0, stdout: `pgscope ${version}\n`, stderr: '' });
  });
});

describe('mistakes', () => {
  test.each([
    ['recrod', /^pgscope recrod: there is no such command; did you mean record\?\n$/],
    ['help recrod', /^pgscope recrod: there is no such command; did you mean record\?\n$/],
    ['--duration 3s', /^pgscope --duration: there is no such command; there are record, .*help\n$/],
    ['record --pid x', /^pgscope record: --pid x: not a process ID.*\npgscope help record lists the options\.\n$/],
  ])('pgscope %s', async (line, message) => {
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
