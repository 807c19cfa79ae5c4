import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { type KeyboardStream, openScreen } from '../../../../agent/cli/top/screen.js';

function terminal() {
  const output = Object.assign(new PassThrough(), { columns: 80, rows: 24 });
  const raw: boolean[] = [];
  const input: KeyboardStream = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => raw.push(mode),
  });
  return { output, input, raw, written: () => String(output.read() ?? '') };
}

const RESTORED = '\u001b[?7h\u001b[?25h\u001b[?1049l';

describe('the screen', () => {
  test('takes a terminal over, draws, and gives it back once', () => {
    const { output, input, raw, written } = terminal();
    const exitListeners = process.listenerCount('exit');
    const screen = openScreen(
      { output, input },
      () => {},
      () => {},
    );
    expect(written()).toBe('\u001b[?1049h\u001b[?25l\u001b[?7l');
    screen.show(['first', 'second']);
    expect(written()).toBe('\u001b[H\u001b[Kfirst\r\n\u001b[Ksecond');
    expect(screen.size()).toEqual({ columns: 80, rows: 24 });
    screen.close();
    screen.close();
    screen.show(['late']);
    expect(written()).toBe(RESTORED);
    expect(raw).toEqual([true, false]);
    expect(process.listenerCount('exit')).toBe(exitListeners);
  });

  test('gives it back when the process exits in another way', () => {
    const { output, input, raw, written } = terminal();
    openScreen(
      { output, input },
      () => {},
      () => {},
    );
    written();
    const [restore] = process.listeners('exit').slice(-1);
    restore?.call(process, 1);
    expect(written()).toBe(RESTORED);
    expect(raw).toEqual([true, false]);
  });

  test('hands on keys and changes of size', async () => {
    const { output, input } = terminal();
    const seen: string[] = [];
    const screen = openScreen(
      { output, input },
      (keys) => seen.push(keys),
      () => seen.push('resized'),
    );
    (input as unknown as PassThrough).write('c');
    output.emit('resize');
    await new Promise((resolve) => setImmediate(resolve));
    screen.close();
    expect(seen.toSorted()).toEqual(['c', 'resized']);
  });
});
