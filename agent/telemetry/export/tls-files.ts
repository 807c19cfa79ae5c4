/** Certificates and keys for TLS, read and checked before anything is sent. */

import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { TelemetrySettingsError } from '../pairs.js';
import { readSmallFile } from './changing-files.js';
import type { TlsFiles } from './http-delivery.js';

/** A path, and the name of the setting it comes from. */
export interface PemSetting {
  value: string;
  source: string;
}

/** `ca`: authorities to trust in place of the system's. `cert` and `key` belong together. */
export function readTlsFiles(settings: { ca?: PemSetting; cert?: PemSetting; key?: PemSetting }): TlsFiles {
  const { ca, cert, key } = settings;
  if (cert !== undefined && key === undefined) throw alone(cert, 'a client certificate needs its key');
  if (key !== undefined && cert === undefined) throw alone(key, 'a client key needs its certificate');
  return { ...(ca && { ca: readCertificate(ca) }), ...(cert && key && readPair(cert, key)) };
}

function alone({ source }: PemSetting, why: string): TelemetrySettingsError {
  return new TelemetrySettingsError(`${source}: ${why}; give both`);
}

function readCertificate(setting: PemSetting): string {
  const pem = read(setting);
  try {
    new X509Certificate(pem);
  } catch {
    throw new TelemetrySettingsError(`${setting.source}: ${setting.value} holds no certificate in PEM form`);
  }
  return pem;
}

function readPair(cert: PemSetting, key: PemSetting): TlsFiles {
  const pair = { cert: readCertificate(cert), key: read(key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const why = (error as Error).message;
    throw new TelemetrySettingsError(`${key.source}: ${key.value} is no key for the certificate ${cert.value}: ${why}`);
  }
  return pair;
}

function read({ value, source }: PemSetting): string {
  try {
    return readSmallFile(value);
  } catch (error) {
    throw new TelemetrySettingsError(`${source}: ${value} cannot be read: ${(error as Error).message}`);
  }
}
