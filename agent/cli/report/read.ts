/** An OTLP JSON file as a stream of requests, with a count of what could not be read. */
import { CommandError } from '../command.js';
import { readLines } from './lines.js';
import { type Request, requestOf } from './otlp.js';

export interface Reading {
  requests: number;
  /** Lines in the middle of the file that are no request. */
  unreadable: number;
  /** The last line was cut off: its writer was stopped in the middle. */
  cutOff: boolean;
}

/**
 * Throws a `CommandError` if the first line with anything in it is no request: then the file is something else. Later lines that are
 * none are counted in `reading` and left out.
 */
export async function* readRequests(path: string, reading: Reading): AsyncGenerator<Request> {
  for await (const { text, number, complete } of readLines(path)) {
    if (text.trim() === '') continue;
    const request = parse(text);
    if (request !== undefined) {
      reading.requests++;
      yield request;
    } else if (!complete && reading.requests > 0) {
      reading.cutOff = true;
    } else if (reading.requests === 0) {
      throw notOtlp(path, number, text);
    } else {
      reading.unreadable++;
    }
  }
  if (reading.requests === 0) {
    throw new CommandError(
      `${path} is empty: nothing has been recorded yet, or the recording has failed; look at its output`,
    );
  }
}

function parse(text: string): Request | undefined {
  try {
    return requestOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function notOtlp(path: string, number: number, text: string): CommandError {
  const start = text.slice(0, 40).replace(/[^ -~]/g, '?');
  return new CommandError(
    `${path} is no file of OTLP JSON lines: line ${number} begins with ${JSON.stringify(start)}, expected {"resourceSpans":…} or {"resourceMetrics":…}; record one with: pgscope record --otlp-file FILE`,
  );
}
