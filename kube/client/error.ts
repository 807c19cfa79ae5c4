/** The one error of the API client: an answer that is not a success, or no usable answer at all. */

/** Reasons that do not come from the server. */
export type OwnReason =
  /** The server could not be reached, or the connection broke. */
  | 'NoAnswer'
  /** Nothing came within the time allowed. */
  | 'Timeout'
  /** What came is not what an API server says: no JSON, cut off, or too long. */
  | 'BadAnswer';

export class KubeError extends Error {
  override name = 'KubeError';
  /** HTTP status; 0 if there was no usable answer. */
  readonly code: number;
  /** The Status object's reason, such as NotFound, Conflict, Expired; or one of `OwnReason`. */
  readonly reason: string;
  /** What the server asked to wait before the next attempt. */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    what: { code: number; reason: string; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, what.cause === undefined ? undefined : { cause: what.cause });
    this.code = what.code;
    this.reason = what.reason;
    if (what.retryAfterMs !== undefined) this.retryAfterMs = what.retryAfterMs;
  }
}

/** The parts of a Kubernetes Status object that are used here; any of them can be missing or be something else. */
interface Status {
  code?: unknown;
  reason?: unknown;
  message?: unknown;
  details?: { retryAfterSeconds?: unknown };
}

/** Longest part of a server's own message that is passed on. */
const LONGEST_MESSAGE = 2000;

/** `what`: the request, such as `GET /api/v1/pods`. `status`: the decoded body, or its text, or an ERROR event's object. */
export function errorOf(
  what: string,
  answer: { code: number; status: unknown; retryAfterMs?: number | undefined },
): KubeError {
  const { code, status } = answer;
  const fields: Status = status !== null && typeof status === 'object' ? status : {};
  const said = typeof fields.message === 'string' ? fields.message : typeof status === 'string' ? status.trim() : '';
  const reason = typeof fields.reason === 'string' && fields.reason !== '' ? fields.reason : reasonOf(code);
  const message = `${what}: ${code} ${reason}${said === '' ? '' : `: ${said.slice(0, LONGEST_MESSAGE)}`}`;
  return new KubeError(message, { code, reason, retryAfterMs: answer.retryAfterMs ?? detailsMs(fields) });
}

/** Proxies and an overloaded server answer without a Status; these are the words it would have used. */
function reasonOf(code: number): string {
  const words: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Gone',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return words[code] ?? 'Unknown';
}

function detailsMs({ details }: Status): number | undefined {
  const seconds = details?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

/** Reads Retry-After (seconds or an HTTP date); undefined if it is absent or unreadable. Never negative. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Whether a resource version or a continue token is too old for the server: only a new list helps. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}
