/** What a tracer holds in the kernel. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { waitUntil } from './servers.js';
import type { Recording } from './tracer.js';

export type Held = 'link' | 'prog' | 'map';

/** Empty for what has just been closed. */
function readOpen(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What the process holds of one kind, by the kernel's numbers. */
export function heldBy(pid: number, kind: Held): Set<number> {
  const ids = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => {
    const type = new RegExp(`^${kind}_type:`, 'm');
    const info = readOpen(`/proc/${pid}/fdinfo/${fd}`);
    return type.test(info) ? Number(new RegExp(`^${kind}_id:\\s*(\\d+)`, 'm').exec(info)?.[1]) : undefined;
  });
  return new Set(ids.filter((id) => id !== undefined));
}

export const linksOf = (recording: Recording): number => heldBy(recording.processId(), 'link').size;

export async function untilLinks(recording: Recording, count: number): Promise<void> {
  const reached = await waitUntil(() => linksOf(recording) === count, 30_000);
  expect({ reached, links: linksOf(recording) }).toEqual({ reached: true, links: count });
}
