import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { CommandError, type CommandIo, UsageError } from '../../../../agent/cli/command.js';
import { runReport } from '../../../../agent/cli/report.js';
import { fileOf, metricsLine, programLine, temporaryPath } from './lines.js';

function io(): CommandIo & { written: string[] } {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { written, stdout: stream, stderr: stream, env: {}, signal: new AbortController().signal };
}

describe('pgscope report', () => {
  test('writes the page and says what is on it', async () => {
    const html = await temporaryPath('report.html');
    const outside = io();
    expect(await runReport(['--from', await fileOf([metricsLine([])]), '--html', html], outside)).toBe(0);
    expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>/);
    expect(outside.written.join('')).toMatch(/report\.html: 0 queries, 0 captured statements, \d+ KiB\n$/);
  });

  test('says how many trace programs are on it', async () => {
    const running = { name: 'pgscope.program.running', gauge: { dataPoints: [{ timeUnixNano: '5' }] } };
    const from = await fileOf([programLine([running], { 'pgscope.program': 'p' })]);
    const outside = io();
    expect(await runReport(['--from', from, '--html', await temporaryPath('report.html')], outside)).toBe(0);
    expect(outside.written.join('')).toContain(' 0 captured statements, 1 trace program, ');
  });

  test.each([
    [[], '--from is missing'],
    [['--from', 'x'], '--html is missing'],
    [['--fron', 'x'], 'did you mean --from?'],
  ])('%p is wrong usage', async (argv, words) => {
    await expect(runReport(argv, io())).rejects.toThrow(UsageError);
    await expect(runReport(argv, io())).rejects.toThrow(words);
  });

  test('a page that cannot be written is a failure with its reason', async () => {
    const from = await fileOf([metricsLine([])]);
    const run = runReport(['--from', from, '--html', `${from}/x.html`], io());
    await expect(run).rejects.toThrow(CommandError);
    await expect(run).rejects.toThrow(/^cannot write .*x\.html: /);
  });
});
