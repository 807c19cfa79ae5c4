/** The text of `pgscope help agent`. */

export const AGENT_HELP = `Usage: pgscope agent --node-name NAME --destinations FILE [options]

Profiles the PostgreSQL servers of a Kubernetes node as its NodeProfiles ask
for, exports over OTLP, and writes their status. The chart runs it in a
DaemonSet, on nodes that have something to profile. It needs root and the
host's PID namespace, and ends on SIGTERM: a last drain, what is left is sent.

  --node-name NAME       the node (default: NODE_NAME of the environment)
  --destinations FILE    where profiles may export to, by name (JSON)
  --allow-raw-text       profiles may ask for queryText: raw
  --max-programs N       most trace programs that run at one time, one for each
                         server and program, of some 55 MB (default 8; 0: none)
  --allow-node-programs  programs may have scope: node: they see all processes
  --watch-namespaces A,B NodeProfiles of other namespaces are refused; give what
                         the operator has (default: all namespaces)
  --port N               of /healthz, /readyz and /metrics (default 9464)

The API server, where this is no pod with a service account:
  --server URL           such as https://10.0.0.1:6443
  --token-file FILE      a bearer token, read again when it changes
  --ca-file FILE         authorities (PEM) that the server is checked against

The destinations file is an object, each field a destination:
  {"default": {"endpoint": "http://collector:4318"}}
  endpoint               an OTLP receiver; /v1/traces, /v1/metrics and /v1/logs
                         are added
  tracesEndpoint, metricsEndpoint, logsEndpoint
                         the whole URL for one signal, in place of endpoint
  protocol               http/protobuf (default) or http/json
  compression            gzip (default) or none
  caFile                 authorities (PEM) that the receiver is checked against
  certFile, keyFile      certificate and key (PEM) that we show to the receiver
  headersFile            headers of each request, one name: value a line
A destination that cannot be used is told in the log, in the metric
pgscope_destination_usable and in the condition Exporting of NodeProfiles.

Exit codes: 0 ended by a signal; 1 it cannot run here; 2 wrong arguments or a
bad destinations file.
`;
