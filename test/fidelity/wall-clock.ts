/**
 * A wall clock with a resolution of less than a microsecond: that of the milliseconds, read when one begins, and the
 * monotonic one from there. A reading can only be late, so of several the earliest is right.
 */
export function wallClock(): () => bigint {
  const offsets = Array.from({ length: 5 }, () => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return BigInt(now) * 1_000_000n - process.hrtime.bigint();
  });
  const [offset = 0n] = offsets.sort((a, b) => Number(b - a));
  return () => process.hrtime.bigint() + offset;
}
