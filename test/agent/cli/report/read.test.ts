import { appendFile, mkdir } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { CommandError } from '../../../../agent/cli/command.js';
import { readLines } from '../../../../agent/cli/report/lines.js';
import { type Reading, readRequests } from '../../../../agent/cli/report/read.js';
import { fileOf, metricsLine, spansLine, temporaryPath } from './lines.js';

async function read(path: string): Promise<Reading> {
  const reading: Reading = { requests: 0, unreadable: 0, cutOff: false };
  for await (const _ of readRequests(path, reading));
  return reading;
}

async function lines(path: string, maxLineBytes?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of readLines(path, maxLineBytes)) found.push(text);
  return found;
}

describe('lines of a file', () => {
  test('longer than a chunk, with multibyte characters across its limits', async () => {
    const long = '漢'.repeat(100_001);
    expect(await lines(await fileOf(['a', long, '', 'b']))).toEqual(['a', long, '', 'b']);
  });

  test('above the limit end the reading', async () => {
    const path = await fileOf(['short', 'x'.repeat(300_000)]);
    await expect(lines(path, 200_000)).rejects.toThrow(/^line 2 of .* longer than 0 MiB/);
  });
});

describe('requests of a file', () => {
  test('of traces, metrics and logs', async () => {
    const path = await fileOf([metricsLine([]), spansLine([]), '{"resourceLogs":[]}', '', '  ']);
    expect(await read(path)).toEqual({ requests: 3, unreadable: 0, cutOff: false });
  });

  test('with a last line that is cut off', async () => {
    const path = await fileOf([metricsLine([])]);
    await appendFile(path, metricsLine([]).slice(0, 50));
    expect(await read(path)).toEqual({ requests: 1, unreadable: 0, cutOff: true });
  });

  test('with a complete last line that only lacks its line feed', async () => {
    const path = await fileOf([metricsLine([])]);
    await appendFile(path, metricsLine([]));
    expect(await read(path)).toEqual({ requests: 2, unreadable: 0, cutOff: false });
  });

  test('with foreign lines in between', async () => {
    const path = await fileOf([metricsLine([]), 'rubbish', '{"a":1}', '[]', 'null', metricsLine([])]);
    expect(await read(path)).toEqual({ requests: 2, unreadable: 4, cutOff: false });
  });

  test.each([
    ['a page', '<html>'],
    ['another JSON', '{"level":"info"}'],
    ['binary', '\u0000\u0001\u0002'],
    ['a cut line alone', '{"resourceSpans":[{"res'],
  ])('%s is no recording', async (_, line) => {
    await expect(read(await fileOf([line]))).rejects.toThrow(CommandError);
    await expect(read(await fileOf([line]))).rejects.toThrow('is no file of OTLP JSON lines: line 1 begins with');
  });

  test('an empty file, a missing one and a directory are said to be so', async () => {
    await expect(read(await fileOf([]))).rejects.toThrow('is empty: nothing has been recorded');
    const path = await temporaryPath('nothing');
    await expect(read(path)).rejects.toThrow('there is no such file; record one');
    await mkdir(path);
    await expect(read(path)).rejects.toThrow('it is a directory');
  });
});
