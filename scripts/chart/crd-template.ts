/** A CustomResourceDefinition as a template: Helm upgrades what is in templates/, and never what is in a chart's crds/. */

const HEADER = `{{- /* Generated from crds/ by scripts/generate-chart.ts; do not edit. */ -}}
{{- if .Values.crds.install -}}
`;

const ANNOTATIONS = `metadata:
  annotations:
    # Deleting a definition deletes every object of its kind.
    helm.sh/resource-policy: keep
  labels: {{- include "pgscope.labels" (list . "crds") | nindent 4 }}
`;

/** Throws if the definition has what Helm would take for a template, or annotations of its own. */
export function crdTemplate(crd: string): string {
  if (crd.includes('{{')) throw new Error('a description has {{, which Helm would evaluate');
  const parts = crd.split(/^metadata:\n(?= {2}name: )/m);
  if (parts.length !== 2) throw new Error('the definition does not begin with metadata.name');
  return `${HEADER}${parts.join(ANNOTATIONS)}{{- end }}\n`;
}
