/** What is compared: the same server with nothing attached, with each watcher, and another one with pg_stat_statements inside. */

import type { Server } from '../servers.js';
import { bpftrace, emptyUprobe, pgscope, type Watcher } from './watchers.js';

/** Levels of capture that exist. */
export const LEVELS: readonly string[] = ['waits', 'statements', 'phases'];

export interface Servers {
  plain: Server;
  /** With pg_stat_statements. */
  statistics: Server;
}

export interface Variant {
  name: string;
  /** What the table calls it. */
  title: string;
  server: keyof Servers;
  /** Absent: nothing is attached. */
  attach?(server: Server): Promise<Watcher>;
}

/** All are compared with the first one of the same round; what the second one differs by is noise. */
export const VARIANTS: readonly Variant[] = [
  { name: 'nothing', title: 'nothing', server: 'plain' },
  { name: 'again', title: 'nothing, once more', server: 'plain' },
  { name: 'statistics', title: 'pg_stat_statements', server: 'statistics' },
  { name: 'empty', title: 'one empty uprobe', server: 'plain', attach: emptyUprobe },
  ...LEVELS.map((level) => ({
    name: levelVariant(level),
    title: `pgscope, level ${level}`,
    server: 'plain' as const,
    attach: async (server: Server) => await pgscope(server, level),
  })),
  { name: 'bpftrace', title: 'bpftrace histogram', server: 'plain', attach: bpftrace },
];

export function levelVariant(level: string): string {
  return `pgscope ${level}`;
}
