/** The texts of `top`: its manual page, the picture behind `?`, and the footer. All fit into 80 columns. */
import { TARGET_HELP } from '../target-options.js';
import { SORT_KEYS } from './sort.js';

export const FOOTER = 'sort: t c m 9 p i r e · s smooth · space pause · ? help · q quit';

export const HELP = [
  'Sort by                          Columns',
  '  t  share of database time        TIME    share of all database time',
  '  c  calls                         CALL/s  completed statements a second',
  '  m  mean time                     MEAN    mean time of a statement',
  '  9  p99                           P50 P99 half, 99 of 100 were faster',
  '  p  CPU                           CPU     share of one core',
  '  i  I/O                           IO/s    bytes of blocks and WAL',
  '  r  rows                          ROW/s   rows returned or changed',
  '  e  errors                        ERR/s   failed statements a second',
  '',
  '  s      one interval, or the last ten together',
  '  space  hold the picture; capture goes on',
  '  q      quit',
  '',
  'load: seconds of database time in a second, the mean number of statements at',
  'work at one time. Server time from the first message of a statement to ready',
  'for the next, with parsing, planning and commit.',
];

export const TOP_HELP = `Usage: pgscope top [options]

Shows live which queries of PostgreSQL servers on this host take the time. It
needs root, and nothing from the servers: no extension, no restart, no password.
On a terminal keys sort, pause and quit; in a pipe it writes plain text.

Which servers:
${TARGET_HELP}
What is shown:
  --sort KEY             ${SORT_KEYS.slice(0, 5).join(', ')},
                         ${SORT_KEYS.slice(5, -1).join(', ')} or ${SORT_KEYS.at(-1)} (default time)
  --interval TIME        how often the picture is new, 100ms to 1h (default 1s)
  --iterations N         end after N pictures (default: go on)

${HELP.join('\n')}

IO/s: blocks read and written, and WAL, as PostgreSQL counts them; blocks that
are read may come from the kernel's page cache.
Without colours: set NO_COLOR. In a pipe, COLUMNS is the width (default 80).
`;
