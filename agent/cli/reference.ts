/** docs/commands.md: the help texts of all commands, and what they have in common. */

import { commands } from './commands.js';
import { overview } from './main.js';

export function commandReference(): string {
  const sections = commands.map(({ name, help }) => `## pgscope ${name}\n\n${block(help)}`);
  return `# Commands

This page is written by \`node dist/scripts/generate-command-reference.js\` from the commands' own help texts.

${block(overview())}
Results go to stdout; progress and log lines go to stderr, so that \`pgscope record … > summary.txt\` holds the table alone.
The first SIGINT, SIGTERM or SIGHUP ends a command in order: a last drain, what is left is exported, the table is printed, and the exit
code is 0. A second one ends it at once, with 128 + the signal's number. Either way, and even after kill -9, no probe is left.

The tracer is \`build/pgscope-tracer\` of this checkout; \`PGSCOPE_TRACER\` names another one.

${sections.join('\n')}
## Recording by a profile

\`record -f FILE\` takes the same object that Kubernetes takes, without its target (\`selector\`, \`podName\`, \`container\`), \`export\` and
\`programs\`: these are said on the command line. What the command line says wins.

\`\`\`yaml
apiVersion: pgscope.dev/v1alpha1
kind: PostgresProfile
spec:
  duration: 10m
  queryText: normalized
  spans: {minDuration: 50ms, errors: true, sampleRatio: 0.01}
  metrics: {interval: 15s}
\`\`\`
`;
}

function block(text: string): string {
  return `\`\`\`\n${text}\`\`\`\n`;
}
