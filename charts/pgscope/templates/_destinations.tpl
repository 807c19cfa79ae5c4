{{/* Destinations: what is wrong with them, and the file that the agents read. */}}

{{/* Fails if it is gRPC's or has a password: (list "its name" "URL"). */}}
{{- define "pgscope.checkEndpoint" -}}
{{- $name := index . 0 -}}
{{- $endpoint := index . 1 -}}
{{- $authority := regexReplaceAll "^[a-z]+://([^/]*).*" $endpoint "${1}" -}}
{{- if hasSuffix ":4317" $authority -}}
{{- fail (printf "%s: port 4317 is where receivers listen for gRPC, and pgscope sends OTLP over HTTP; the port for that is 4318: %s" $name (replace ":4317" ":4318" $endpoint)) -}}
{{- end -}}
{{- if contains "@" $authority -}}
{{- fail (printf "%s: a URL with a password would be readable in a ConfigMap; put the header into a Secret and name that in headers" $name) -}}
{{- end -}}
{{- end -}}

{{/* The URLs of a destination, by field: a map in JSON. */}}
{{- define "pgscope.endpoints" -}}
{{- pick . "endpoint" "tracesEndpoint" "metricsEndpoint" "logsEndpoint" | toJson -}}
{{- end -}}

{{- define "pgscope.checkDestinations" -}}
{{- if not .Values.destinations -}}
{{- fail "destinations: name at least one receiver of OTLP over HTTP, such as --set destinations.default.endpoint=http://otel-collector.observability:4318" -}}
{{- end -}}
{{- range $name, $destination := .Values.destinations -}}
{{- $where := printf "destinations.%s" $name -}}
{{- $endpoints := include "pgscope.endpoints" $destination | fromJson -}}
{{- if not $endpoints -}}
{{- fail (printf "%s: give endpoint, or tracesEndpoint, metricsEndpoint and logsEndpoint" $where) -}}
{{- end -}}
{{- range $field, $url := $endpoints -}}
{{- include "pgscope.checkEndpoint" (list (printf "%s.%s" $where $field) $url) -}}
{{- end -}}
{{- if and (or $destination.ca $destination.clientCertificate) (not (contains "https://" (values $endpoints | join " "))) -}}
{{- fail (printf "%s: ca and clientCertificate mean nothing for an endpoint with http://; use https://" $where) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* destinations.json: where each of them is, and the files that the agent's volume has for it. */}}
{{- define "pgscope.destinationsFile" -}}
{{- $file := dict -}}
{{- range $name, $destination := .Values.destinations -}}
{{- $folder := printf "/etc/pgscope/destinations/%s" $name -}}
{{- $entry := include "pgscope.endpoints" $destination | fromJson -}}
{{- $_ := set $entry "protocol" ($destination.protocol | default "http/protobuf") -}}
{{- $_ := set $entry "compression" ($destination.compression | default "gzip") -}}
{{- if $destination.ca -}}{{- $_ := set $entry "caFile" (printf "%s/ca.crt" $folder) -}}{{- end -}}
{{- if $destination.clientCertificate -}}
{{- $_ := set $entry "certFile" (printf "%s/tls.crt" $folder) -}}
{{- $_ := set $entry "keyFile" (printf "%s/tls.key" $folder) -}}
{{- end -}}
{{- if $destination.headers -}}{{- $_ := set $entry "headersFile" (printf "%s/headers" $folder) -}}{{- end -}}
{{- $_ := set $file $name $entry -}}
{{- end -}}
{{- toPrettyJson $file -}}
{{- end -}}

{{/* The port of a URL. */}}
{{- define "pgscope.port" -}}
{{- $authority := regexReplaceAll "^[a-z]+://([^/]*).*" . "${1}" -}}
{{- regexFind ":[0-9]+$" $authority | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https://" .)) -}}
{{- end -}}

{{/* The ports of all destinations, for the network policy: a list in JSON. */}}
{{- define "pgscope.destinationPorts" -}}
{{- $ports := list -}}
{{- range .Values.destinations -}}
{{- range include "pgscope.endpoints" . | fromJson -}}
{{- $ports = append $ports (include "pgscope.port" . | int) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
