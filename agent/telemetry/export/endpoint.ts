/** The URL that a signal goes to. */

import { TelemetrySettingsError } from '../pairs.js';

/** gRPC's port: a receiver there does not speak HTTP/1.1, and its answer would only confuse. */
const GRPC_PORT = '4317';

export interface EndpointSetting {
  value: string;
  /** The setting's name, for errors. */
  source: string;
  /** Put behind a base URL; empty: the value is used as it is. */
  path: string;
  /** Where headers are set, for errors. */
  headers: string;
}

export function signalUrl({ value: endpoint, source, path, headers }: EndpointSetting): URL {
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new TelemetrySettingsError(
      `${source}: ${shown(endpoint)} is no URL; write it as http://host:4318 or https://host:4318`,
    );
  }
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '') {
    throw new TelemetrySettingsError(
      `${source}: a URL with a user name or password is not accepted; send them as a header (${headers})`,
    );
  }
  if (url.port === GRPC_PORT) {
    throw new TelemetrySettingsError(
      `${source}: port 4317 is for OTLP over gRPC, which is not supported; use the receiver's HTTP port, usually 4318`,
    );
  }
  url.hash = '';
  if (path !== '') url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url;
}

/** A value with an @ can hold a password. */
function shown(endpoint: string): string {
  return endpoint.includes('@') ? 'the value' : JSON.stringify(endpoint);
}
