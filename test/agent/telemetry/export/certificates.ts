/** Certificates for tests, made by openssl: an authority, a server of 127.0.0.1, a client. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

export interface Certificates {
  ca: Pair;
  server: Pair;
  client: Pair;
}

export function makeCertificates(folder: string): Certificates {
  const ca = pair(folder, 'ca');
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Test Authority',
    '-keyout',
    ca.keyFile,
    '-out',
    ca.certFile,
  );
  return { ca: withContent(ca), server: signed(folder, 'server', ca), client: signed(folder, 'client', ca) };
}

type Files = Pick<Pair, 'certFile' | 'keyFile'>;

function pair(folder: string, name: string): Files {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
}

function signed(folder: string, name: string, ca: Files): Pair {
  const files = pair(folder, name);
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.cnf`);
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', files.keyFile, '-out', request);
  openssl(
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    ca.certFile,
    '-CAkey',
    ca.keyFile,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    extensions,
    '-out',
    files.certFile,
  );
  return withContent(files);
}

function withContent(files: Files): Pair {
  return { ...files, cert: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };
}

function openssl(...options: string[]): void {
  execFileSync('openssl', options, { stdio: 'pipe' });
}
