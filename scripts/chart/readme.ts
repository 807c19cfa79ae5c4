/** The chart's README.md: how it is installed, and a table of its values. */
import type { Schema } from './schema.js';
import type { Value } from './values.js';

const INTRODUCTION = `<!-- Generated from values.yaml by scripts/generate-chart.ts; do not edit. -->
# pgscope's Helm chart

Installs the CustomResourceDefinitions, the operator, the agents' DaemonSet, and who may do what
([docs/operations.md](../../docs/operations.md) explains every right). Kubernetes 1.32 or newer.

Images are built from this repository ([docs/operations.md](../../docs/operations.md#images)) and are named by the values
\`operator.image\` and \`agent.image\`.

\`\`\`
kubectl create namespace pgscope
kubectl label namespace pgscope pod-security.kubernetes.io/enforce=privileged
helm install pgscope charts/pgscope --namespace pgscope \\
  --set destinations.default.endpoint=http://otel-collector.observability:4318
\`\`\`

[examples/](examples/) has values for some situations, and what they render to.
A cluster has one installation: its custom resources and policies are the cluster's.

## Values
A value that is not in this table is refused.

| value | default | |
|---|---|---|
`;

export function readmeOf(values: Value[]): string {
  return INTRODUCTION + values.flatMap(rowsOf).join('');
}

function rowsOf({ path, preset, description, constraints }: Value): string[] {
  const name = path.join('.');
  const entry = constraints.additionalProperties as Schema | undefined;
  const fields = Object.entries(entry?.properties ?? {});
  return [
    row(name, `\`${JSON.stringify(preset)}\``, description),
    ...fields.map(([field, schema]) => row(`${name}.NAME.${field}`, '', String(schema.description))),
  ];
}

function row(name: string, preset: string, description: string): string {
  return `| \`${name}\` | ${preset.replaceAll('|', '\\|')} | ${description.replaceAll('|', '\\|')} |\n`;
}
