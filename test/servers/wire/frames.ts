/**
 * Frames of PostgreSQL's protocol version 3.0, as a client sends them. Text may be given as bytes, so that tests can send what
 * no encoding allows. Reference: PostgreSQL documentation, "Message Formats".
 */

export type Text = string | Uint8Array;

export interface ParseFields {
  /** Empty: the unnamed statement. */
  name?: Text;
  text: Text;
  /** OIDs; 0 or left out: the server infers the type. */
  parameterTypes?: number[];
}

export interface BindFields {
  portal?: Text;
  statement?: Text;
  /** Values in text format; null is SQL's NULL. */
  values?: (Text | null)[];
}

export const frames = {
  startup: (parameters: Record<string, string>): Buffer => {
    const pairs = Object.entries(parameters).flatMap(([name, value]) => [string(name), string(value)]);
    return withLength(Buffer.concat([int32(3 << 16), ...pairs, Buffer.from([0])]));
  },
  tlsRequest: (): Buffer => withLength(int32(80877103)),
  cancelRequest: (processId: number, secret: Buffer): Buffer =>
    withLength(Buffer.concat([int32(80877102), int32(processId), secret])),
  query: (text: Text): Buffer => message('Q', string(text)),
  parse: ({ name = '', text, parameterTypes = [] }: ParseFields): Buffer =>
    message('P', string(name), string(text), int16(parameterTypes.length), ...parameterTypes.map(int32)),
  bind: ({ portal = '', statement = '', values = [] }: BindFields = {}): Buffer =>
    message('B', string(portal), string(statement), int16(0), int16(values.length), ...values.map(value), int16(0)),
  describeStatement: (name: Text = ''): Buffer => message('D', Buffer.from('S'), string(name)),
  describePortal: (name: Text = ''): Buffer => message('D', Buffer.from('P'), string(name)),
  /** maxRows 0: all of them. */
  execute: ({ portal = '', maxRows = 0 }: { portal?: Text; maxRows?: number } = {}): Buffer =>
    message('E', string(portal), int32(maxRows)),
  closeStatement: (name: Text = ''): Buffer => message('C', Buffer.from('S'), string(name)),
  closePortal: (name: Text = ''): Buffer => message('C', Buffer.from('P'), string(name)),
  sync: (): Buffer => message('S'),
  flush: (): Buffer => message('H'),
  copyData: (rows: Text): Buffer => message('d', Buffer.from(rows)),
  copyDone: (): Buffer => message('c'),
  copyFail: (reason: Text): Buffer => message('f', string(reason)),
  terminate: (): Buffer => message('X'),
};

/** Any frame, also wrong ones: type byte, length, body. */
export function message(type: string, ...body: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(type), withLength(Buffer.concat(body))]);
}

function withLength(body: Uint8Array): Buffer {
  return Buffer.concat([int32(body.length + 4), body]);
}

function string(text: Text): Buffer {
  return Buffer.concat([Buffer.from(text as Uint8Array), Buffer.from([0])]);
}

function value(text: Text | null): Buffer {
  if (text === null) return int32(-1);
  const bytes = Buffer.from(text as Uint8Array);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function int16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(number);
  return bytes;
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}
