/** The OTLP resources: a server on a plain host, and pgscope itself. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { RESOURCE } from './names.js';
import type { Attributes } from './otlp/attributes.js';
import { parsePairs } from './pairs.js';

/** Facts about the machine; `hostId` is undefined where there is no /etc/machine-id. */
export interface Host {
  hostName: string;
  hostId: string | undefined;
}

export interface HostServer {
  /** PID of the postmaster. */
  pid: number;
  dataDirectory: string;
  /** `15.18`; undefined if it is not known. */
  version?: string;
}

export function thisHost(machineIdFile = '/etc/machine-id'): Host {
  return { hostName: hostname(), hostId: readMachineId(machineIdFile) };
}

function readMachineId(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are before what is found, except for what tells servers of one host apart.
 * Throws a TelemetrySettingsError if they cannot be read.
 */
export function hostResource(server: HostServer, host: Host, env: Record<string, string | undefined>): Attributes {
  return {
    [RESOURCE.serviceName.name]: 'postgresql',
    [RESOURCE.serviceVersion.name]: server.version,
    ...hostAttributes(host),
    ...fromEnvironment(env),
    [RESOURCE.dbSystem.name]: 'postgresql',
    [RESOURCE.serviceInstanceId.name]: uuid(`${host.hostId ?? host.hostName}:${server.dataDirectory}`),
    [RESOURCE.processPid.name]: server.pid,
    [RESOURCE.dataDirectory.name]: server.dataDirectory,
  };
}

/**
 * A server in a container. `known` is what the operator found out, and wins over all but the facts that only the server itself tells;
 * `number`: from 1 where the container holds several servers, in the order in which they were found.
 */
export function containerResource(server: HostServer, known: Attributes, number = 1): Attributes {
  const instance = known[RESOURCE.serviceInstanceId.name];
  return {
    [RESOURCE.serviceName.name]: 'postgresql',
    [RESOURCE.serviceVersion.name]: server.version,
    ...known,
    ...(number > 1 && instance !== undefined ? { [RESOURCE.serviceInstanceId.name]: `${instance}#${number}` } : {}),
    [RESOURCE.dbSystem.name]: 'postgresql',
    [RESOURCE.processPid.name]: server.pid,
    [RESOURCE.dataDirectory.name]: server.dataDirectory,
  };
}

/** pgscope's own resource; `version` is pgscope's. `part`: tells apart what one process exports to several receivers. */
export function ownResource(version: string, host: Host, part = ''): Attributes {
  return {
    [RESOURCE.serviceName.name]: 'pgscope',
    [RESOURCE.serviceVersion.name]: version,
    [RESOURCE.serviceInstanceId.name]: uuid(`${host.hostId ?? host.hostName}:pgscope:${process.pid}${part}`),
    ...hostAttributes(host),
    [RESOURCE.processPid.name]: process.pid,
  };
}

function hostAttributes({ hostName, hostId }: Host): Attributes {
  return { [RESOURCE.hostName.name]: hostName, [RESOURCE.hostId.name]: hostId };
}

function fromEnvironment(env: Record<string, string | undefined>): Attributes {
  const attributes: Attributes = parsePairs(env.OTEL_RESOURCE_ATTRIBUTES ?? '', 'OTEL_RESOURCE_ATTRIBUTES');
  return env.OTEL_SERVICE_NAME ? { ...attributes, [RESOURCE.serviceName.name]: env.OTEL_SERVICE_NAME } : attributes;
}

/** Namespace that the conventions give for service.instance.id. */
const NAMESPACE = Buffer.from('4d63009a8d0f11eeaad74c796ed8e320', 'hex');

/** UUID version 5 of `name`: the same for the same name. */
function uuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
