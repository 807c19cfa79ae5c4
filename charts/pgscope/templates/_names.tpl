{{/* Names and labels. app.kubernetes.io/name and component are what the operator finds agents by. */}}

{{- define "pgscope.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "pgscope" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pgscope" (.Release.Name | trunc 32 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "pgscope.operator" -}}{{ include "pgscope.fullname" . }}-operator{{- end -}}
{{- define "pgscope.agent" -}}{{ include "pgscope.fullname" . }}-agent{{- end -}}
{{- define "pgscope.cleanup" -}}{{ include "pgscope.fullname" . }}-cleanup{{- end -}}
{{- define "pgscope.programs" -}}{{ include "pgscope.fullname" . }}-programs{{- end -}}

{{/* Users, as the API server names service accounts. */}}
{{- define "pgscope.operatorUser" -}}system:serviceaccount:{{ .Release.Namespace }}:{{ include "pgscope.operator" . }}{{- end -}}
{{- define "pgscope.agentUser" -}}system:serviceaccount:{{ .Release.Namespace }}:{{ include "pgscope.agent" . }}{{- end -}}
{{- define "pgscope.cleanupUser" -}}system:serviceaccount:{{ .Release.Namespace }}:{{ include "pgscope.cleanup" . }}{{- end -}}

{{/* What selects pods: (list . "agent"). */}}
{{- define "pgscope.selectorLabels" -}}
app.kubernetes.io/name: pgscope
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of an object: (list . "agent"). */}}
{{- define "pgscope.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{ include "pgscope.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: pgscope
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image: (list . .Values.agent.image). */}}
{{- define "pgscope.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- if $image.digest -}}
{{ printf "%s:%s@%s" $image.repository $tag $image.digest }}
{{- else -}}
{{ printf "%s:%s" $image.repository $tag }}
{{- end -}}
{{- end -}}
