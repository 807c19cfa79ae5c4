/** `pgscope report`: one HTML page from a recording. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, CommandError, EXIT_OK, UsageError } from './command.js';
import { parseOptions } from './parse-options.js';
import { gather } from './report/gather.js';
import { renderPage } from './report/page.js';

const HELP = `Usage: pgscope report --from FILE --html OUT

Makes one HTML page from a recording: active sessions by wait class, where time
went, the queries that take it and what each waits for, latency over time, who
blocked whom, background processes, input and output, the slowest statements
with their waits, the failed ones.
The page needs nothing but itself: it can be mailed, printed and kept.

  --from FILE            OTLP JSON lines, as pgscope record --otlp-file and the
                         OpenTelemetry Collector's file exporter write them
  --html OUT             the page; a file of that name is replaced
`;

const options = { from: { type: 'string' }, html: { type: 'string' } } as const;

export const reportCommand: Command = {
  name: 'report',
  summary: 'make an HTML page from a recording',
  help: HELP,
  async run(argv, io) {
    const { from, html } = parseOptions(argv, options);
    if (from === undefined) throw new UsageError('--from is missing: give the file of a recording');
    if (html === undefined) throw new UsageError('--html is missing: give the name of the page to write');
    const recording = await gather(from);
    const page = renderPage(recording, basename(from));
    await write(html, page);
    const size = `${Math.round(page.length / 1024).toLocaleString('en-US')} KiB`;
    io.stdout.write(
      `${html}: ${recording.queries.length} queries, ${recording.statementSpans} captured statements, ${size}\n`,
    );
    return EXIT_OK;
  },
};

async function write(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
