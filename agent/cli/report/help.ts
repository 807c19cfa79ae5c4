/** The text of `pgscope help report`. */

export const REPORT_HELP = `Usage: pgscope report --from FILE --html OUT

Makes one HTML page from a recording: active sessions by wait class, where time
went, the queries that take it and what each waits for, latency over time, who
blocked whom, background processes, input and output, the slowest statements
with their waits, the failed ones, and what trace programs told.
The page needs nothing but itself: it can be mailed, printed and kept.

  --from FILE            OTLP JSON lines, as pgscope record --otlp-file and the
                         OpenTelemetry Collector's file exporter write them;
                         pgscope run does, too. Several recordings of one time
                         are one file when joined: cat a.jsonl b.jsonl
  --html OUT             the page; a file of that name is replaced
`;
