/**
 * Resource versions are decimal numbers of any length that grow within one kind (Kubernetes promises so since 1.35, and kept to it
 * before). A server in front of other storage may use other texts: these have no order.
 */

const DECIMAL = /^[1-9]\d*$/;

/** Whether `one` is certainly older than `other`; texts that are no numbers count as older than any other text. */
export function isOlder(one: string, other: string): boolean {
  if (!DECIMAL.test(one) || !DECIMAL.test(other)) return one !== other;
  return one.length === other.length ? one < other : one.length < other.length;
}
