/** Lists of `key=value` as the OTEL_* variables have them: separated by commas, values percent-encoded. */

/** Thrown for a setting that cannot be used; the message names it and says what to do. */
export class TelemetrySettingsError extends Error {
  override name = 'TelemetrySettingsError';
}

/** `setting` is named in errors; values never are: they can be secrets. */
export function parsePairs(text: string, setting: string): Record<string, string> {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair, i) => parsePair(pair, i, setting)));
}

function parsePair(pair: string, at: number, setting: string): [string, string] {
  const equals = pair.indexOf('=');
  if (equals < 1) {
    throw new TelemetrySettingsError(
      `${setting}: entry ${at + 1} is no key=value; write it as key1=value1,key2=value2`,
    );
  }
  const key = decode(pair.slice(0, equals).trim(), at, setting);
  return [key, decode(pair.slice(equals + 1).trim(), at, setting)];
}

function decode(text: string, at: number, setting: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TelemetrySettingsError(
      `${setting}: entry ${at + 1} has a % that begins no percent-encoded character; write % as %25`,
    );
  }
}
