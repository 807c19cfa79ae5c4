/** docs/operator.md, written from the tables of flags and metrics and the names of controllers. */
import { CONTROLLER_NAMES } from '../names.js';
import { environmentName, FLAGS, type Flag, usageOf } from '../settings.js';
import { spanName } from '../traces.js';
import { METRICS, type MetricDefinition } from './definitions.js';

/** The page as Markdown. */
export function operatorReference(): string {
  return `# The operator's process

<!-- Generated from operator/settings/flags.ts and operator/metrics/ by scripts/generate-operator-reference.ts; do not edit. -->

The chart runs it as \`main.js run\`; the hook that runs before an uninstall as \`main.js cleanup\`, the one after an installation and an upgrade as
\`main.js install-programs\`. \`--help\` lists the options.

## Options
An option goes before its variable, a variable before the default. All that is wrong is said at once, one line for each field, and nothing starts.

| option | variable | default | |
|---|---|---|---|
${(FLAGS as readonly Flag[]).map(flagRow).join('\n')}

A variable that is empty counts as not set. A Service called \`pgscope\` makes Kubernetes set \`PGSCOPE_PORT=tcp://…\` in pods beside it: such a value is
passed over.

The operator connects with its pod's service account, or as the current context of \`--kubeconfig\` says: client certificates, tokens, exec
plugins and OIDC. Passwords, impersonation, \`proxy-url\` and \`tls-server-name\` are refused.

${EXIT_CODES}
${ELECTION}
${PAGES}
## Metrics
The names are those of controller-runtime and client-go, so that dashboards made for other operators work. A counter of a controller begins at 0.

| metric | kind | labels | |
|---|---|---|---|
${Object.entries(METRICS).map(metricRow).join('\n')}

Beside them are \`process_*\` and \`nodejs_*\`: CPU, memory, file descriptors, heap, event loop lag and garbage collection.

${TRACES}
${LOG}`;
}

function flagRow(flag: Flag): string {
  const fallback = flag.default === undefined ? (flag.defaultText ?? 'not given') : `\`${flag.default}\``;
  return `| \`${usageOf(flag)}\` | \`${environmentName(flag.name)}${flag.value === undefined ? '=true' : ''}\` | ${fallback} | ${flag.help} |`;
}

function metricRow([name, { kind, labels, help }]: [string, MetricDefinition]): string {
  return `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}

const EXIT_CODES = `## Exit codes
| code | |
|---|---|
| 0 | Told to stop (SIGTERM, SIGINT), and did. |
| 1 | Could not start or go on; the last line of the log says why. |
| 2 | Wrong options. |
| 3 | The Lease was lost. Nothing in flight was finished, since another operator may lead. |

At the first signal no more keys are taken; what is in flight has 10 s to end, then it is broken off. Then the Lease is given back, the watches end, and
the pages too. A second signal ends the process at once.
`;

const ELECTION = `## Leader election
Of several operators one works; the others keep their copies of the cluster up to date and wait. The leader renews the Lease every 2 s. One that
could not renew it for 10 s exits; 15 s after the last renewal that they saw, the others try to get it. Each judges that by its own monotonic clock: a
clock that is wrong on some node changes nothing. A leader that stops gives the Lease back, and the next one has it within 5 s.

While the \`cleanup\` command holds the Lease, the leader stands down and no other takes over: what is deleted is not made again. That ends by itself 10
min later, if the operator still runs then.
`;

const PAGES = `## Pages
One port has three pages:

| page | 200 means | 503 means |
|---|---|---|
| \`/healthz\` | it makes progress | one of: timers are more than 2 s late in the mean of 10 s; a watch had neither event, bookmark, list, nor failed attempt for 15 min; a worker has been at one key for 2 min. A restart helps. |
| \`/readyz\` | all objects were read once; also while another operator leads | it is starting, or stopping |
| \`/metrics\` | | |

The body has one line for each check, \`[+]\` or \`[-]\`. An API server that is away makes a leader exit (3), and is no reason for \`/healthz\` to fail.
`;

const SPANS = Object.values(CONTROLLER_NAMES)
  .map((name) => `\`${spanName(name)}\``)
  .join(' or ');

const TRACES = `## Traces
With \`OTEL_EXPORTER_OTLP_ENDPOINT\` or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\` set, each reconcile is a span ${SPANS} of the
service \`pgscope-operator\`, with \`pgscope.controller\`, \`k8s.namespace.name\`, \`k8s.object.name\`, \`pgscope.result\` (\`success\`, \`requeue_after\`, \`error\`)
and \`pgscope.requeue_after_ms\`. OpenTelemetry's other variables hold too: protocol, headers, sampler. Without an endpoint the SDK is not even loaded.
`;

const LOG = `## Log
One JSON object a line on stderr: \`time\`, \`level\` (\`info\`, \`warn\`, \`error\`), \`msg\`, and where they apply \`controller\`, \`key\`, \`lease\`. The same line comes
at most three times a minute, then with \`repeated\`, how often it was kept back; all lines together at most 1000 times a minute, then with \`dropped\`.
`;
