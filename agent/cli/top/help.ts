/** The texts of `top`: its manual page, the picture behind `?`, and the footer. All fit into 80 columns. */
import { TARGET_HELP } from '../target-options.js';
import { SORT_KEYS } from './sort.js';

export const FOOTER = 'sort tcm9pwire · ↑↓ Enter query · l locks · b background · ? help · q quit';

export const HELP = [
  'Sort by                          Columns',
  '  t  share of database time        TIME    share of all database time',
  '  c  calls                         CALL/s  completed statements a second',
  '  m  mean time                     MEAN    mean time of a statement',
  '  9  p99                           P50 P99 half, 99 of 100 were faster',
  '  p  CPU                           CPU     share of one core',
  '  w  waits                         BIGGEST WAIT and its share of the time',
  '  i  I/O                           IO/s    bytes of blocks and WAL',
  '  r  rows                          ROW/s   rows returned or changed',
  '  e  errors                        ERR/s   failed statements a second',
  '',
  "  ↑ ↓ Enter  a query's time and locks; Esc  l      who waits for which lock",
  '  b          background processes           s      the last ten intervals',
  '  space      hold the picture               q      quit',
  '',
  'load: the mean number of processes at work for statements: on a CPU, in the',
  'run queue (ready, waiting for a CPU), or in a wait event of that type. Kernel:',
  'waits without an event. A statement counts as a whole when it ends; at level',
  'waits its time counts as it passes, and calls, rows and latency are not told.',
];

export const TOP_HELP = `Usage: pgscope top [options]

Shows live which queries of PostgreSQL servers on this host take the time, and
what they wait for. It needs root, and nothing from the servers: no extension,
no restart, no password. On a terminal keys sort, select, pause and quit; in a
pipe it writes plain text.

Which servers:
${TARGET_HELP}
What is shown:
  --level LEVEL          statements (the default); waits: where the time goes,
                         without a probe in PostgreSQL; or phases: also how
                         long a query's parse, plan, execute, commit… take
  --sort KEY             ${SORT_KEYS.slice(0, 5).join(', ')},
                         ${SORT_KEYS.slice(5, -1).join(', ')} or ${SORT_KEYS.at(-1)} (default time)
  --interval TIME        how often the picture is new, 100ms to 1h (default 1s)
  --iterations N         end after N pictures (default: go on)

${HELP.join('\n')}

Locks: who waits for a lock when the picture is made, also since before top
began, below the one that it waits for: how long, mode and object of the lock,
and of each session its statement, or its last one.

IO/s: blocks read and written, and WAL, as PostgreSQL counts them; blocks that
are read may come from the kernel's page cache. Background processes: bytes that
the kernel reads from and writes to storage, and WAL; autovacuum by table.
Files: system calls on files of tables (and indexes), WAL and so on, which some
kernels let one see at level phases only; STORAGE is
what the kernel had to read from storage for them, and what it read ahead.
Memory: all that is one process's alone, and the most that one of them shares.
Without colours: set NO_COLOR. In a pipe, COLUMNS is the width (default 80).
`;
