/** Samples of pg_stat_activity, as other tools take them: where the active sessions are at one moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../servers.js';

/** At random between half and three halves of it: at equal distances samples keep time with clients that repeat themselves, and see one part alone. */
const BETWEEN_MS = 10;

/** How often sessions whose query has this marker were seen to wait so: `Type:Event`, or '' for none. */
export async function sampleActivity(server: Server, marker: string, times: number): Promise<Map<string, number>> {
  const client = await server.client();
  const seen = new Map<string, number>();
  try {
    for (let i = 0; i < times; i++) {
      const { rows } = await client.query<{ type: string | null; event: string | null }>(
        `select wait_event_type as type, wait_event as event from pg_stat_activity
         where state = 'active' and query like $1 and pid <> pg_backend_pid()`,
        [`%${marker}%`],
      );
      for (const { type, event } of rows) {
        const name = event === null ? '' : `${type}:${event}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      await sleep(BETWEEN_MS * (0.5 + Math.random()));
    }
  } finally {
    await client.end();
  }
  return seen;
}

/** Each part of the whole. */
export function sharesOf(parts: ReadonlyMap<string, number>): Map<string, number> {
  const whole = [...parts.values()].reduce((sum, part) => sum + part, 0);
  return new Map([...parts].map(([name, part]) => [name, part / whole]));
}
