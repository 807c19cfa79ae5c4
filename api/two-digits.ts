/** 12345 is 12000: so that a status does not change with each event. */
export function twoDigits(count: number): number {
  return Number(count.toPrecision(2));
}
