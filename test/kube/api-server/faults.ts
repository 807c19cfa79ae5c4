/** What the server in tests can do wrong. Each fault is for one request; the ones after it are served well. */
import type { ServerResponse } from 'node:http';

/** Instead of an answer. */
export type RequestFault =
  | { kind: 'status'; code: number; reason?: string; retryAfterS?: number }
  /** Accepts the request and says nothing, ever. */
  | { kind: 'silence' }
  /** Breaks the connection before the answer. */
  | { kind: 'reset' }
  /** Breaks the connection in the middle of the answer. */
  | { kind: 'cut' }
  /** Answers 200 with something that is no JSON. */
  | { kind: 'noise' };

/** In the stream of a watch. */
export type StreamFault =
  /** An ERROR event with this code, in place of the next event; the stream goes on after it as if nothing was. */
  | { kind: 'errorEvent'; code: number; reason: string }
  /** The next event's line is cut, then the stream ends as if all were well. */
  | { kind: 'cutLine' }
  /** The next event's line is something that is no JSON. */
  | { kind: 'noiseLine' }
  /** The next event's line is longer than anybody would take. */
  | { kind: 'longLine'; bytes: number }
  /** Every line comes in pieces of three bytes. */
  | { kind: 'pieces' }
  /** After the first event nothing comes, and the connection stays. */
  | { kind: 'stall' }
  /** The connection breaks after the next event. */
  | { kind: 'resetAfterEvent' }
  /** The stream ends at once. */
  | { kind: 'end' }
  /** Every event comes twice. */
  | { kind: 'twice' }
  /** Every two events come in the wrong order. */
  | { kind: 'swapped' }
  /** Before every event the two before it come once more. */
  | { kind: 'repeats' };

export type Fault = RequestFault | StreamFault;

const REQUEST_FAULTS: ReadonlySet<string> = new Set(['status', 'silence', 'reset', 'cut', 'noise']);

export function isRequestFault(fault: Fault | undefined): fault is RequestFault {
  return fault !== undefined && REQUEST_FAULTS.has(fault.kind);
}

export function answerWrongly(fault: RequestFault, response: ServerResponse): void {
  if (fault.kind === 'status') answerStatus(response, fault.code, fault);
  else if (fault.kind === 'reset') response.socket?.resetAndDestroy();
  else if (fault.kind === 'noise') response.end('<html>a proxy greets you</html>');
  else if (fault.kind === 'cut') {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"kind":"PodList","items":[', () => response.socket?.resetAndDestroy());
  }
}

export function answerStatus(
  response: ServerResponse,
  code: number,
  {
    reason,
    retryAfterS,
    message = `the test asks for ${code}`,
  }: { reason?: string; retryAfterS?: number; message?: string } = {},
): void {
  const headers = { 'content-type': 'application/json', ...(retryAfterS && { 'retry-after': String(retryAfterS) }) };
  response.writeHead(code, headers).end(JSON.stringify(statusOf(code, reason, message)));
}

export function statusOf(code: number, reason: string | undefined, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, ...(reason && { reason }) };
}
