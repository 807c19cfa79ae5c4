/** What the server answers, cut into frames and read as far as tests need. */

export interface Answer {
  /** The type byte: '1' ParseComplete, 'C' CommandComplete, 'E' ErrorResponse, 's' PortalSuspended, 'Z' ReadyForQuery, … */
  type: string;
  body: Buffer;
}

/** Cuts whole frames off the front of `bytes`; what is left is the beginning of the next one. */
export function splitAnswers(bytes: Buffer): { answers: Answer[]; rest: Buffer } {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest.length >= 5) {
    const end = 1 + rest.readInt32BE(1);
    if (rest.length < end) break;
    answers.push({ type: rest.toString('latin1', 0, 1), body: rest.subarray(5, end) });
    rest = rest.subarray(end);
  }
  return { answers, rest };
}

/** The types in order, such as "12DDCZ". */
export function typesOf(answers: Answer[]): string {
  return answers.map(({ type }) => type).join('');
}

/** Command tags of the completed statements, such as "SELECT 3". */
export function tagsOf(answers: Answer[]): string[] {
  return answers.filter(({ type }) => type === 'C').map(({ body }) => body.toString('utf8', 0, body.length - 1));
}

/** SQLSTATEs of the errors. */
export function sqlstatesOf(answers: Answer[]): string[] {
  return answers.filter(({ type }) => type === 'E').map((answer) => errorFields(answer).get('C') ?? '');
}

/** Fields of an ErrorResponse or NoticeResponse by their one-letter code: C = SQLSTATE, M = message, S = severity. */
export function errorFields({ body }: Answer): Map<string, string> {
  const fields = body.toString('utf8').split('\0');
  return new Map(fields.filter((field) => field !== '').map((field) => [field.slice(0, 1), field.slice(1)]));
}

/** Rows of text values. */
export function rowsOf(answers: Answer[]): (string | null)[][] {
  return answers.filter(({ type }) => type === 'D').map(({ body }) => row(body));
}

function row(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let column = 0; column < body.readInt16BE(0); column++) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(length, 0);
  }
  return values;
}
