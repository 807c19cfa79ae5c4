/** What is missing in what a program has told, as sentences: which effect it has, and what to do about it. */

import type { ProgramLoss } from '../../telemetry.js';
import { some } from '../quantities.js';

type Sentence = (count: number) => string;

const sentences: Record<Exclude<ProgramLoss, 'linesUnknown'>, Sentence> = {
  eventsLost: (n) => `${some(n, 'event')} lost, since bpftrace's buffer was full: let the program print less.`,
  eventsRateLimited: (n) => `${some(n, 'event')} above 200 a second left out: let the program print less.`,
  linesTooLong: (n) => `${some(n, 'map')} too long to be read: let them have fewer keys.`,
  linesMalformed: (n) => `${some(n, 'line')} of bpftrace could not be used.`,
  keysUnreadable: (n) => `${some(n, 'entry', 'entries')} of maps with other keys than the program says, left out.`,
  seriesOverflow: (n) =>
    `${some(n, 'entry', 'entries')} of maps counted together, since there are more than 1000 series: let them have fewer keys.`,
  mapsFull: (n) =>
    `A map had 4096 entries (${some(n, 'time')}), more than which bpftrace does not keep: let it have fewer keys.`,
  probesMissing: (n) => `${some(n, 'probe')} of the program not attached, since there is no such place here.`,
  helperErrors: (n) => `${some(n, 'call')} into the kernel failed inside the program.`,
  programRestarts: (n) => `bpftrace died and was started again (${some(n, 'time')}): what it had not told is missing.`,
};

/** One for each loss that is not 0. Lines that are no event are none: programs print titles. */
export function programLossSentences(losses: Readonly<Record<string, number>>): string[] {
  return Object.entries(sentences).flatMap(([name, sentence]) => {
    const count = losses[name] ?? 0;
    return count === 0 ? [] : [sentence(count)];
  });
}
