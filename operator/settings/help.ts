/** What `--help` says. */
import { environmentName, FLAGS, type Flag } from './flags.js';

export function helpText(): string {
  const rows = (FLAGS as readonly Flag[]).map((flag) => ({
    usage: usageOf(flag),
    text: `${flag.help}${defaultOf(flag)}`,
  }));
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  const options = rows.map(({ usage, text }) => `  ${usage.padEnd(width)}  ${text}`).join('\n');
  return `Usage: main.js run|cleanup|install-programs [options]

  run               keep NodeProfiles, node labels and statuses as the PostgresProfiles ask
  cleanup           make the operator stand down and remove what it made, before uninstalling
  install-programs  make the trace programs that come with pgscope TracePrograms of the cluster

${options}
  ${'--help'.padEnd(width)}  Show this text

Each option can be set by a variable too: --label-grace by ${environmentName('label-grace')},
--allow-raw-text by ${environmentName('allow-raw-text')}=true. An option goes before its variable.
Traces of the operator itself are sent if OTEL_EXPORTER_OTLP_ENDPOINT or
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.

Exit codes: 0 stopped as asked, 1 failed, 2 wrong options, 3 the Lease was lost.
`;
}

export function usageOf({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function defaultOf({ default: fixed, defaultText }: Flag): string {
  const text = fixed ?? defaultText;
  return text === undefined ? '' : ` (default: ${text})`;
}
