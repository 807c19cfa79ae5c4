/** Whether two values say the same, without making texts of them: every reconcile compares what is wanted with all that is stored. */

/** As JSON says it: the order of a map's keys does not matter, and what is undefined is not there. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other);
  return isMap(one) && isMap(other) && isSameMap(one, other);
}

function isSameList(one: unknown[], other: unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => isSame(part, other[index]));
}

function isSameMap(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  for (const key of Object.keys(one)) if (!isSame(one[key], own(other, key))) return false;
  for (const key of Object.keys(other)) if (other[key] !== undefined && own(one, key) === undefined) return false;
  return true;
}

/** A key may be called like something that every object inherits. */
function own(map: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
