/**
 * A client that speaks PostgreSQL's protocol frame by frame, in any order and with any bytes: for pipelines, portals read in
 * parts, Parse without Execute, and everything else that a driver would not send. No passwords.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Answer, errorFields, splitAnswers } from './wire/answers.js';
import { frames } from './wire/frames.js';

export { type Answer, errorFields, rowsOf, sqlstatesOf, tagsOf, typesOf } from './wire/answers.js';
export { type BindFields, frames, message, type ParseFields, type Text } from './wire/frames.js';

const ANSWER_TIMEOUT_MS = 60_000;

/** Where a server listens; a `Server` is one. */
export interface Address {
  host: string;
  port: number;
  socketDirectory: string;
}

export type Transport = 'tcp' | 'unix' | 'tls';

export interface WireOptions {
  /** Default: tcp. `tls` is TLS over TCP, with whatever certificate the server has. */
  over?: Transport;
  /** Startup parameters; user and database are `postgres` unless given. */
  parameters?: Record<string, string>;
}

export class Wire {
  readonly #socket: Socket;
  /** Opens another connection to the same server, for a cancel request. */
  readonly #open: () => Promise<Socket>;
  #rest: Buffer = Buffer.alloc(0);
  #answers: Answer[] = [];
  #ended: string | undefined;
  #wake: () => void = () => {};
  #secret: Buffer = Buffer.alloc(4);
  /** The backend's PID, as PostgreSQL itself sees it. */
  processId = 0;

  private constructor(socket: Socket, open: () => Promise<Socket>) {
    this.#socket = socket;
    this.#open = open;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the server has closed the connection'));
  }

  /** Resolves when the server is ready for the first message. */
  static async connect(address: Address, { over = 'tcp', parameters = {} }: WireOptions = {}): Promise<Wire> {
    const open = () => openSocket(address, over);
    const wire = new Wire(await open(), open);
    wire.send(frames.startup({ user: 'postgres', database: 'postgres', ...parameters }));
    const key = (await wire.until('K')).at(-1);
    wire.processId = key?.body.readInt32BE(0) ?? 0;
    wire.#secret = key?.body.subarray(4) ?? wire.#secret;
    await wire.untilReady();
    return wire;
  }

  /** Sends frames as one write. */
  send(...messages: Uint8Array[]): void {
    this.#socket.write(Buffer.concat(messages));
  }

  /** Sends frames and resolves with all answers up to ReadyForQuery; the frames must end a cycle (Query or Sync). */
  async run(...messages: Uint8Array[]): Promise<Answer[]> {
    this.send(...messages);
    return await this.untilReady();
  }

  /** Answers up to and with the next ReadyForQuery. */
  async untilReady(): Promise<Answer[]> {
    return await this.until('Z');
  }

  /** Answers up to and with the next one of this type. Rejects when the connection ends before. */
  async until(type: string): Promise<Answer[]> {
    const deadline = setTimeout(() => this.#end(`no answer of type ${type} came`), ANSWER_TIMEOUT_MS);
    try {
      for (;;) {
        const found = this.#answers.findIndex((answer) => answer.type === type);
        if (found >= 0) return this.#answers.splice(0, found + 1);
        if (this.#ended !== undefined) throw new Error(`while waiting for ${type}: ${this.#reason}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Resolves with what still came when the server has closed the connection. */
  async untilClosed(): Promise<Answer[]> {
    while (this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#answers.splice(0);
  }

  /** Asks the server to cancel what this connection runs, over a connection of its own. */
  async cancel(): Promise<void> {
    const socket = await this.#open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(frames.cancelRequest(this.processId, this.#secret));
    socket.resume();
    await closed;
  }

  /** Says goodbye and waits until the server has closed. */
  async end(): Promise<void> {
    if (this.#ended === undefined) this.#socket.end(frames.terminate());
    await this.untilClosed();
  }

  /** Breaks the connection without a goodbye. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const { answers, rest } = splitAnswers(Buffer.concat([this.#rest, bytes]));
    this.#answers.push(...answers);
    this.#rest = rest;
    this.#wake();
  }

  /** The server's last word, if it had one. */
  get #reason(): string {
    const error = this.#answers.find(({ type }) => type === 'E');
    return (error && errorFields(error).get('M')) ?? this.#ended ?? '';
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#wake();
  }
}

async function openSocket({ host, port, socketDirectory }: Address, over: Transport): Promise<Socket> {
  const socket = over === 'unix' ? connect(`${socketDirectory}/.s.PGSQL.${port}`) : connect(port, host);
  if (over !== 'unix') socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return over === 'tls' ? await encrypted(socket) : socket;
}

/** The server answers the request with S, if it has TLS. */
async function encrypted(socket: Socket): Promise<Socket> {
  socket.write(frames.tlsRequest());
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer.toString() !== 'S') throw new Error(`the server has no TLS: it answers ${answer.toString()}`);
  const secured = connectTls({ socket, rejectUnauthorized: false });
  await once(secured, 'secureConnect');
  return secured;
}
