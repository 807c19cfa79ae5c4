/** The text of `pgscope help run`. */

import { OTLP_HELP } from '../otlp-options.js';
import { TARGET_HELP } from '../target-options.js';

export const RUN_HELP = `Usage: pgscope run PROGRAM [options]

Runs a trace program (bpftrace, 0.17 or newer) for PostgreSQL servers on this
host: its maps become metrics, its events log records, and both are shown. It
sees the processes of these servers alone. It needs root.
It ends after --duration, or on SIGINT (Ctrl-C) or SIGTERM, or by itself.

PROGRAM is the name of a program that comes with pgscope (pgscope run --list),
or a file: a TraceProgram (.yaml), or a source (.bt, .bpftrace). How to write
one: docs/programs.md.

Which servers (at most 8, each has a bpftrace of its own):
${TARGET_HELP}
How:
  --arg NAME=VALUE       an argument of the program; may be repeated
  --duration TIME        end after this time, counted from the first server
                         whose probes are attached (default: go on)
  --interval TIME        how often maps are collected, 100ms to 1h (default 10s)
  --print                show the maps at each interval, not only at the end
  --query-text MODE      of texts of statements: none, normalized (without
                         literals and comments, the default), or raw
  --list                 list the programs that come with pgscope, and end

Where it goes (nowhere: it is only shown):
${OTLP_HELP}Where an option --otlp-x is not given, OTEL_EXPORTER_OTLP_X of the environment
counts, also the ones of a single signal, such as
OTEL_EXPORTER_OTLP_LOGS_ENDPOINT; OTEL_SERVICE_NAME and
OTEL_RESOURCE_ATTRIBUTES count, too.

What a source alone prints with printf() and print() is shown and not exported:
only a TraceProgram says which part of it is the text of a statement.

Exit codes: 0 it ran, also when ended by a signal; 1 it could not be run for any
server; 2 wrong arguments, or a program that is refused.
`;
