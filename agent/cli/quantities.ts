/** Quantities as people read them: three digits and a unit (`1.23 ms`) on pages, at most five characters (`1.2ms`) in narrow tables. */

interface Unit {
  name: string;
  factor: number;
  /** From this many on the next unit is used. */
  limit: number;
}

const TIME: Unit[] = [
  { name: 'ns', factor: 1e-9, limit: 1000 },
  { name: 'µs', factor: 1e-6, limit: 1000 },
  { name: 'ms', factor: 1e-3, limit: 1000 },
  { name: 's', factor: 1, limit: 100 },
  { name: 'min', factor: 60, limit: 100 },
  { name: 'h', factor: 3600, limit: Number.POSITIVE_INFINITY },
];

const COUNT: Unit[] = ['', 'k', 'M', 'G', 'T'].map((name, step) => ({
  name,
  factor: 1000 ** step,
  limit: step === 4 ? Number.POSITIVE_INFINITY : 1000,
}));

const BYTES: Unit[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].map((name, step) => ({
  name,
  factor: 1024 ** step,
  limit: step === 4 ? Number.POSITIVE_INFINITY : 1000,
}));

const MISSING = '–';

/** `1.23 ms`; `–` where there is no value. */
export function formatDuration(seconds: number | undefined): string {
  return format(seconds, TIME, 3);
}

/** `12,345` below a million, then `12.3 M`; fractions below 100 keep three digits. */
export function formatCount(count: number | undefined): string {
  if (count === undefined || !Number.isFinite(count)) return MISSING;
  if (Number.isInteger(count) && Math.abs(count) < 1e6) return count.toLocaleString('en-US');
  return format(count, COUNT, 3);
}

/** `12.3 MiB`, binary units. */
export function formatBytes(bytes: number | undefined): string {
  return format(bytes, BYTES, 3).replace(/\.\d+ B$/, ' B');
}

/** `12.3 %`; small but present shares are `<0.1 %`. */
export function formatShare(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return MISSING;
  if (share > 0 && share < 0.001) return '<0.1 %';
  return `${(share * 100).toFixed(share >= 0.9995 ? 0 : 1)} %`;
}

/** Of a metric in its unit, a UCUM code as OpenTelemetry writes them; what is neither time, bytes nor percent is a count. */
export function formatQuantity(value: number | undefined, unit: string): string {
  if (unit === 's') return formatDuration(value);
  if (unit === 'By') return formatBytes(value);
  return unit === '%' && value !== undefined ? formatShare(value / 100) : formatCount(value);
}

/** `1.2ms`, at most five characters. */
export function compactDuration(seconds: number | undefined): string {
  return format(seconds, TIME, 2).replace(' ', '').replace('min', 'm');
}

/** `1.2k`, at most five characters; a small value that is not zero is `<0.01`. */
export function compactCount(count: number): string {
  if (count > 0 && count < 0.005) return '<0.01';
  if (count < 1) return count === 0 ? '0' : count.toFixed(2);
  return format(count, COUNT, 2).replace(' ', '');
}

/** Exact where five characters are enough. */
export function exactCount(count: number): string {
  return Number.isInteger(count) && count < 1e5 ? String(count) : compactCount(count);
}

/** `1.2M`: bytes in binary units, their B left out. */
export function compactBytes(bytes: number): string {
  return format(Math.round(bytes), BYTES, 2)
    .replace(/(\.0)? B$/, '')
    .replace(' ', '')
    .replace('iB', '');
}

/** `12.3%`, at most five characters. */
export function compactShare(share: number): string {
  const percent = share * 100;
  return percent >= 99.95 ? '100%' : `${percent.toFixed(1)}%`;
}

/** `1 time`, `1,234 times`. */
export function some(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

function format(value: number | undefined, units: Unit[], digits: number): string {
  if (value === undefined || !Number.isFinite(value)) return MISSING;
  if (value < 0) return `−${format(-value, units, digits)}`;
  if (value === 0) return '0';
  for (const { name, factor, limit } of units) {
    const text = withDigits(value / factor, digits);
    if (Number(text) < limit) return name === '' ? text : `${text} ${name}`;
  }
  return MISSING;
}

/** Rounded to `digits` digits, but never fewer than the integer part has. */
function withDigits(value: number, digits: number): string {
  const integerDigits = value < 9.95 ? 1 : value < 99.5 ? 2 : 3;
  return value.toFixed(Math.max(0, digits - integerDigits));
}
