import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../../agent/cli/command.js';
import { TOP_HELP } from '../../../../agent/cli/top/help.js';
import { topOptions } from '../../../../agent/cli/top/options.js';

describe('the command line of top', () => {
  test('has defaults', () => {
    expect(topOptions([])).toEqual({
      selection: { pids: [], dataDirectories: [] },
      level: 'statements',
      sort: 'time',
      intervalMs: 1000,
      iterations: undefined,
    });
  });

  test('takes targets, order, interval and an end', () => {
    const argv = [
      '--pid',
      '7',
      '--data-directory',
      '/srv/pg',
      '--level',
      'waits',
      '--sort',
      'p99',
      '--interval=500ms',
      '--iterations',
      '3',
    ];
    expect(topOptions(argv)).toEqual({
      selection: { pids: [7], dataDirectories: ['/srv/pg'] },
      level: 'waits',
      sort: 'p99',
      intervalMs: 500,
      iterations: 3,
    });
  });

  test.each([
    [['--sort', 'speed'], 'give one of time, calls'],
    [['--level', 'all'], 'give waits, statements or phases'],
    [['--interval', '1ms'], 'give 100ms to 1h'],
    [['--interval', '5'], 'no unit'],
    [['--iterations', '0'], 'whole number'],
    [['--iterations', 'all'], 'whole number'],
    [['--speed'], 'no such option'],
  ])('%p is refused with the remedy', (argv, words) => {
    expect(() => topOptions(argv)).toThrow(UsageError);
    expect(() => topOptions(argv)).toThrow(words);
  });

  test('the help fits into 80 columns', () => {
    expect(Math.max(...TOP_HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(TOP_HELP.endsWith('\n')).toBe(true);
  });
});
