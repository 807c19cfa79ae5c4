/** The CSS class that colours a class of load; page/style.ts has the colours. */
import type { LoadClass } from '../../load.js';

export function styleOf(loadClass: LoadClass): string {
  return `w-${loadClass.toLowerCase().replace(' ', '-')}`;
}

/** For people: what PostgreSQL's words mean. */
export const MEANING: Record<LoadClass, string> = {
  CPU: 'on a CPU',
  'run queue': 'ready, waiting for a CPU',
  IO: 'reading and writing files',
  Lock: 'locks on rows, tables and other objects',
  LWLock: 'locks within the server',
  IPC: 'another process of the server',
  Client: 'the client: to send or take data',
  Timeout: 'a time to pass, such as pg_sleep',
  Kernel: 'asleep without a wait event',
  other: 'all other waits',
};
