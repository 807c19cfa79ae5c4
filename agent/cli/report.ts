/** `pgscope report`: one HTML page from a recording. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CommandError, type CommandIo, EXIT_OK, UsageError } from './command.js';
import { parseOptions } from './parse-options.js';
import { some } from './quantities.js';
import { gather } from './report/gather.js';
import { renderPage } from './report/page.js';

const options = { from: { type: 'string' }, html: { type: 'string' } } as const;

export async function runReport(argv: string[], io: CommandIo): Promise<number> {
  const { from, html } = parseOptions(argv, options);
  if (from === undefined) throw new UsageError('--from is missing: give the file of a recording');
  if (html === undefined) throw new UsageError('--html is missing: give the name of the page to write');
  const recording = await gather(from);
  const page = renderPage(recording, basename(from));
  await write(html, page);
  const { queries, statementSpans, programs } = recording;
  const told = [
    `${queries.length} queries`,
    `${statementSpans} captured statements`,
    ...(programs.length > 0 ? [some(programs.length, 'trace program')] : []),
    `${Math.round(page.length / 1024).toLocaleString('en-US')} KiB`,
  ];
  io.stdout.write(`${html}: ${told.join(', ')}\n`);
  return EXIT_OK;
}

async function write(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
