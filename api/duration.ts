/**
 * Durations as people write them in a profile or after a flag: `100ms`, `15s`, `1h30m`. Whole numbers with a unit each, largest unit
 * first: what Kubernetes' CEL function duration() reads too, so that the API server compares the same values.
 */

/** Nanoseconds of each unit, largest first. */
const NS_OF_UNIT = { h: 3_600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3 } as const;
type Unit = keyof typeof NS_OF_UNIT;

/** The longest duration: its nanoseconds still fit a number exactly. */
const LONGEST = '2400h';
const LONGEST_NS = 2_400 * NS_OF_UNIT.h;

/** At most this many characters; five units of nine digits need more than anybody writes. */
export const DURATION_MAX_LENGTH = 32;

/** Matches a duration of at least two characters (the empty string matches too: the minimum length refuses it). */
export const DURATION_PATTERN = /^([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?([0-9]{1,9}us)?$/;

/** Nanoseconds of a duration. Throws a RangeError with a sentence for people, such as `"100" has no unit; write for example 100ms`. */
export function durationNs(text: string): number {
  const problem = durationProblem(text);
  if (problem !== undefined) throw new RangeError(`${JSON.stringify(text)} ${problem}`);
  return sumNs(text);
}

/** Milliseconds of a duration, with a fraction where it has microseconds. Throws like durationNs. */
export function durationMs(text: string): number {
  return durationNs(text) / NS_OF_UNIT.ms;
}

/**
 * What is wrong with a duration and what to write instead (`has no unit; write for example 100ms`); undefined if it is right.
 * `exampleUnit` is the unit that suits the field.
 */
export function durationProblem(text: string, exampleUnit: Unit = 'ms'): string | undefined {
  if (text === '') return `is empty; write a number and its unit, for example 100${exampleUnit}`;
  if (text.length > DURATION_MAX_LENGTH) return `has ${text.length} characters; write at most ${DURATION_MAX_LENGTH}`;
  if (DURATION_PATTERN.test(text)) {
    return sumNs(text) > LONGEST_NS ? `is longer than the longest duration, ${LONGEST}` : undefined;
  }
  if (/^[0-9]+$/.test(text)) return `has no unit; write for example ${text}${exampleUnit}`;
  if (text.startsWith('-')) return `is negative; write for example 100${exampleUnit}`;
  if (/[0-9][.,][0-9]/.test(text)) return 'has a fraction; write whole numbers, for example 1500ms for 1.5s';
  const unknown = text.match(/[^0-9\s]+/g)?.find((unit) => !Object.hasOwn(NS_OF_UNIT, unit));
  if (unknown !== undefined) return `has the unknown unit ${JSON.stringify(unknown)}; the units are h, m, s, ms and us`;
  return 'is no duration; write each number with its unit, largest unit first, for example 1h30m';
}

/** The shortest way to write a duration: 90e9 is `1m30s`, 0 is `0ms`. `ns` is a whole number of microseconds from 0 to 2400h. */
export function formatDuration(ns: number): string {
  if (!(ns >= 0 && ns <= LONGEST_NS && ns % NS_OF_UNIT.us === 0)) {
    throw new RangeError(`${ns} ns cannot be written as a duration; give whole microseconds from 0 to ${LONGEST}`);
  }
  let rest = ns;
  let text = '';
  for (const [unit, unitNs] of Object.entries(NS_OF_UNIT)) {
    const count = Math.floor(rest / unitNs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitNs;
  }
  return text || '0ms';
}

function sumNs(text: string): number {
  return Array.from(text.matchAll(/([0-9]+)([a-z]+)/g)).reduce(
    (sum, [, count, unit]) => sum + Number(count) * NS_OF_UNIT[unit as Unit],
    0,
  );
}
