/** Names of targets for the tracer and its log lines: the data directory, or what people call the container, cut in front to what the tracer takes. */

import type { Postmaster } from '../targets.js';

/** The tracer takes 63 bytes; this leaves room for a number. */
const MAX_BYTES = 56;

/** The name that this server has in `taken`, or a new one that nobody else has. */
export function targetName(postmaster: Postmaster, taken: ReadonlyMap<string, Postmaster>): string {
  const base = lastBytes((postmaster.name ?? postmaster.dataDirectory).replace(/\p{Cc}/gu, '?'), MAX_BYTES);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}#${number}`;
    const holder = taken.get(name);
    if (holder === undefined || holder.id === postmaster.id) return name;
  }
}

function lastBytes(text: string, maxBytes: number): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join('')) > maxBytes) characters.shift();
  return characters.join('');
}
