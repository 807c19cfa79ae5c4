/** The text of `pgscope help record`. */

import { OTLP_HELP } from '../otlp-options.js';
import { TARGET_HELP } from '../target-options.js';

export const RECORD_HELP = `Usage: pgscope record [options]

Records what PostgreSQL servers on this host do, statement by statement, sends
it out over OTLP, and ends with a table of the queries. It needs root, and
nothing from the servers: no extension, no restart, no password.
It ends after --duration, or on SIGINT (Ctrl-C) or SIGTERM.

Which servers:
${TARGET_HELP}
What is captured:
  -f, --profile FILE     a PostgresProfile (YAML) with the settings below; what
                         is given here wins over it
  --level LEVEL          statements (the default); waits: only where the time
                         goes, without a probe in PostgreSQL; or phases: also
                         the time in parse, analyze, bind, plan, execute and
                         commit, and statements inside functions and triggers
  --duration TIME        end after this time, such as 30s (default: go on)
  --query-text MODE      none, normalized (without literals and comments, the
                         default), or raw: as the client sent it

Statements that become spans:
  --min-duration TIME    those that took at least this long; 0ms means all
                         (default 100ms)
  --min-wait TIME        a wait of such a statement that took at least this long
                         becomes a span below it (default 1ms)
  --nested-depth N       statements inside its functions and triggers become
                         spans below it down to this depth, at level phases: 0
                         (none) to 8 (default 1)
  --[no-]errors          failed ones (default: yes)
  --sample-ratio RATIO   this share of all others, 0 to 1 (default 0)
  --trace-context LIST   those of which the client says which trace they belong
                         to: sqlcomment, application_name, both with a comma
                         between them (default), or none
  --max-per-second N     at most so many of a server in a second (default 100);
                         the rest is counted

Metrics:
  --interval TIME        how often they are collected (default 15s)
  --max-queries N        queries of a server that have series of their own
                         (default 500); the others share one

Where it goes (nowhere: only the table at the end):
${OTLP_HELP}Where an option --otlp-x is not given, OTEL_EXPORTER_OTLP_X of the environment
counts, also the ones of a single signal, such as
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; OTEL_SERVICE_NAME and
OTEL_RESOURCE_ATTRIBUTES count, too.

Times are numbers with a unit: 500us, 100ms, 30s, 1h30m.

Exit codes: 0 recorded, also when ended by a signal; 1 nothing could be
recorded; 2 wrong arguments or a bad profile.
`;
