/** A server's files: its own directory with data, socket and log, made by initdb and owned by an unprivileged user. */
import { appendFile, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Installation } from './builds.js';
import { RUN_DIRECTORY } from './leftovers.js';

/** `nobody` exists in every Debian; PostgreSQL refuses to run as root. */
const SERVER_USER = 65534;

export interface Cluster {
  installation: Installation;
  /** Everything of this server is below it; seen from the host. */
  directory: string;
  /** The same, seen from the installation's root. */
  directoryInRoot: string;
}

/** Values are written as strings, which postgresql.conf takes for every type. */
export type Settings = Record<string, string | number | boolean>;

export function clusterOf(installation: Installation, name: string): Cluster {
  const directoryInRoot = join(RUN_DIRECTORY, name);
  return { installation, directory: join(installation.root, directoryInRoot), directoryInRoot };
}

export async function initialise(cluster: Cluster): Promise<void> {
  const { directory, directoryInRoot } = cluster;
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await chown(directory, SERVER_USER, SERVER_USER);
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  const [file, ...args] = command(cluster, 'initdb', ['-D', `${directoryInRoot}/data`, ...options]);
  await execa(file, args);
}

/** A self-signed certificate for 127.0.0.1 and localhost, where `ssl = on` looks for it. */
export async function createCertificate({ directory }: Cluster): Promise<void> {
  const [certificate, key] = [`${directory}/data/server.crt`, `${directory}/data/server.key`];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await execa('openssl', [...request, ...subject, '-out', certificate, '-keyout', key]);
  await chown(key, SERVER_USER, SERVER_USER);
  await chown(certificate, SERVER_USER, SERVER_USER);
}

/** Later settings win over earlier ones. */
export async function configure({ directory }: Cluster, settings: Settings): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  await appendFile(`${directory}/data/postgresql.conf`, lines.join(''));
}

/** A program of the installation as the unprivileged user; it gets SIGQUIT when the process that starts it ends. */
export function command({ installation }: Cluster, program: string, args: string[]): [string, ...string[]] {
  const drop = ['setpriv', `--reuid=${SERVER_USER}`, `--regid=${SERVER_USER}`, '--clear-groups', '--pdeathsig=QUIT'];
  const changeRoot = installation.root === '/' ? [] : ['chroot', installation.root];
  const [file = 'setpriv', ...rest] = [...changeRoot, ...drop, join(installation.programs, program), ...args];
  return [file, ...rest];
}
