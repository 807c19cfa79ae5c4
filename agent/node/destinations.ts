/** The destinations that the administrator has defined: a JSON file that the chart mounts, with no secret in it. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { check, fieldName, sentences } from '../../api/fault.js';
import { dnsLabel } from '../../api/field-types.js';
import { destinationSettings, type OtlpSettings, TelemetrySettingsError } from '../telemetry.js';

/** The file cannot be used at all; the message names file, fields and remedies, a line each. */
export class DestinationsError extends Error {
  override readonly name = 'DestinationsError';
}

/** A destination that cannot be used (a port of gRPC's, a certificate that is not there) does not keep the others from work. */
export type Destination = { settings: OtlpSettings } | { fault: string };
export type Destinations = ReadonlyMap<string, Destination>;

const path = z.string().min(1).max(4096);
const url = z.string().min(1).max(2048);

const destination = z.strictObject({
  endpoint: url.optional(),
  tracesEndpoint: url.optional(),
  metricsEndpoint: url.optional(),
  logsEndpoint: url.optional(),
  protocol: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  compression: z.enum(['gzip', 'none']).default('gzip'),
  caFile: path.optional(),
  certFile: path.optional(),
  keyFile: path.optional(),
  headersFile: path.optional(),
});

const destinations = z.record(dnsLabel("a destination's name"), destination);
type File = z.output<typeof destinations>;

/** Throws a DestinationsError. */
export function readDestinations(file: string): Destinations {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DestinationsError(`the destinations file ${file} cannot be read: ${(error as Error).message}`);
  }
  return parseDestinations(text, file);
}

/** `file`: its name, for errors. Throws a DestinationsError. */
export function parseDestinations(text: string, file: string): Destinations {
  const result = check(destinations, parseJson(text, file));
  if (!('value' in result)) {
    const lines = sentences(
      result.faults,
      (fault) => `${file}: ${fieldName('', fault.path).replace(/^\./, '')}: ${fault.text}`,
    );
    throw new DestinationsError(lines.join('\n'));
  }
  return new Map(Object.entries(result.value).map(([name, one]) => [name, resolve(name, one)]));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DestinationsError(`${file}: is no JSON: ${(error as Error).message}`);
  }
}

function resolve(name: string, one: File[string]): Destination {
  try {
    const settings = destinationSettings(name, one);
    if (Object.values(settings).some((signal) => signal !== undefined)) return { settings };
    return { fault: `${name}: has no endpoint; give endpoint, such as http://collector:4318` };
  } catch (error) {
    if (error instanceof TelemetrySettingsError) return { fault: error.message };
    throw error;
  }
}
