{{/* What the operator may do in the namespaces that it watches: all of them, or those that are named. */}}
{{- define "pgscope.operatorRules" -}}
- apiGroups: [pgscope.dev]
  resources: [postgresprofiles]
  verbs: [get, list, watch]
- apiGroups: [pgscope.dev]
  resources: [postgresprofiles/status]
  verbs: [patch]
- apiGroups: [pgscope.dev]
  resources: [nodeprofiles]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
