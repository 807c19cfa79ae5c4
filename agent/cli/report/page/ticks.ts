/** Where the axes have their marks: round values, few enough that labels do not touch. */
import { formatDuration } from '../../quantities.js';

export interface Tick {
  /** 0 to 1 along the axis. */
  at: number;
  label: string;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const TIME_STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
];
const MAX_TIME_TICKS = 8;
/** A label closer than this to an end would stick out of the chart. */
const MARGIN = 0.03;

/** Marks at round wall clock times (UTC), labelled as precisely as their distance needs. */
export function timeTicks(fromSeconds: number, toSeconds: number): Tick[] {
  const length = toSeconds - fromSeconds;
  if (length <= 0) return [];
  const step =
    TIME_STEPS.find((each) => length / each <= MAX_TIME_TICKS) ?? Math.ceil(length / MAX_TIME_TICKS / DAY) * DAY;
  const first = Math.ceil(fromSeconds / step);
  const count = Math.floor(toSeconds / step) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step)
    .map((seconds) => ({ at: (seconds - fromSeconds) / length, label: clockLabel(seconds, step) }))
    .filter(({ at }) => at >= MARGIN && at <= 1 - MARGIN);
}

function clockLabel(seconds: number, step: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  if (step >= DAY) return iso.slice(5, 10);
  if (step >= HOUR && seconds % DAY === 0) return iso.slice(5, 10);
  return step >= MINUTE ? iso.slice(11, 16) : iso.slice(11, 19);
}

/** Round values from 0 to at least `max`: 1, 2 or 5 times a power of ten apart. */
export function linearTicks(max: number, count = 4): { top: number; ticks: Tick[] } {
  const raw = Math.max(max, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999) ?? raw;
  const steps = Math.max(1, Math.ceil(max / step - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => ({
    at: index / steps,
    label: (index * step).toFixed(digits),
  }));
  return { top: steps * step, ticks };
}

/** Powers of ten between two durations on a logarithmic axis. */
export function decadeTicks(lowSeconds: number, highSeconds: number): Tick[] {
  const length = Math.log10(highSeconds / lowSeconds);
  const first = Math.ceil(Math.log10(lowSeconds) - 1e-9);
  const last = Math.floor(Math.log10(highSeconds) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).map((exponent) => ({
    at: (exponent - Math.log10(lowSeconds)) / length,
    label: shortDuration(10 ** exponent),
  }));
}

/** Round durations from 0 to `seconds`, for the axis of a waterfall. */
export function spanTicks(seconds: number, count = 5): Tick[] {
  const { ticks, top } = linearTicks(seconds, count);
  return ticks
    .map(({ at }) => ({
      at: (at * top) / seconds,
      label: at === 0 ? '0' : shortDuration(at * top),
    }))
    .filter(({ at }) => at <= 1 - MARGIN * 2);
}

/** `100 ms`, `1.5 s`: without zeros behind the last digit that says something. */
function shortDuration(seconds: number): string {
  return formatDuration(seconds).replace(/\.?0+(?= )/, (zeros, _at, whole: string) =>
    whole.includes('.') ? '' : zeros,
  );
}
