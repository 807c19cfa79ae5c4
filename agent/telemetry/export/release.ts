/**
 * Frees the memory of what has been sent, at once. The garbage collector would let it wait: V8 looks at the size of its own heap, of which
 * these are the smallest part, and lets dozens of megabytes outside of it pile up.
 */

/** Nobody may read `bytes` afterwards. Memory that others have a share in stays. */
export function release({ buffer, byteLength }: Uint8Array): void {
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (isAlone) buffer.transfer(0);
}
