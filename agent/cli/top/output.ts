/** Where the pictures go: a terminal with keys, or a stream of plain text blocks for pipes, files and dumb terminals. */
import type { CommandIo } from '../command.js';
import { textOf } from './lines.js';
import type { Live } from './live.js';
import { paint } from './paint.js';
import { type KeyboardStream, openScreen, type Screen } from './screen.js';

export interface Output {
  /** Something is attached: from now on there is something to show. */
  begin(): void;
  draw(): void;
  log(line: string): void;
  /** Gives a terminal back; log lines go to stderr from then on. */
  close(): void;
}

export interface OutputOptions {
  io: CommandIo;
  live: Live;
  /** Keys; default: the process's stdin if it is a terminal. */
  keyboard?: KeyboardStream;
  /** The user wants to end, or nobody reads any more. */
  onQuit(): void;
}

const PLAIN_COLUMNS = 80;

export function openOutput(options: OutputOptions): Output {
  const { io, onQuit } = options;
  const isScreen = io.stdout.isTTY === true && io.env.TERM !== 'dumb';
  // A reader that has gone (`top | head`) is no failure of ours.
  io.stdout.on('error', onQuit);
  return isScreen ? screenOutput(options) : plainOutput(options);
}

function plainOutput({ io, live }: OutputOptions): Output {
  const columns = Number(io.env.COLUMNS) >= 40 ? Number(io.env.COLUMNS) : PLAIN_COLUMNS;
  let blocks = 0;
  return {
    begin: () => {},
    draw() {
      const lines = live.draw({ columns, rows: undefined }).map(textOf);
      io.stdout.write(`${blocks++ === 0 ? '' : '\n'}${lines.join('\n')}\n`);
    },
    log: (line) => io.stderr.write(`${line}\n`),
    close: () => {},
  };
}

function screenOutput({ io, live, keyboard, onQuit }: OutputOptions): Output {
  const stdin = process.stdin.isTTY ? process.stdin : undefined;
  const color = (io.env.NO_COLOR ?? '') === '';
  let screen: Screen | undefined;
  const draw = () => screen?.show(paint(live.draw(screen.size()), color));
  const press = (keys: string) => {
    live.press(keys);
    draw();
    if (live.state.quit) onQuit();
  };
  return {
    begin() {
      screen ??= openScreen({ output: io.stdout, input: keyboard ?? stdin }, press, draw);
      draw();
    },
    draw,
    log(line) {
      if (screen === undefined) io.stderr.write(`${line}\n`);
      else live.notice(line);
      draw();
    },
    close() {
      screen?.close();
      screen = undefined;
    },
  };
}
