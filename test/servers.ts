/**
 * Real PostgreSQL servers for tests: `startServer({build: 'n17'})` gives a fresh one on a free port, `stopServers()` in
 * afterAll() removes whatever was started. What a crashed run leaves is removed by the next one.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { type Build, installationOf } from './servers/builds.js';
import { clusterOf, configure, createCertificate, initialise, type Settings } from './servers/cluster.js';
import { removeLeftovers, self, writeRecord } from './servers/leftovers.js';
import { Server } from './servers/server.js';

export { type Build, SUPPORTED_BUILDS } from './servers/builds.js';
export type { Settings } from './servers/cluster.js';
export { childrenOf, identify, isAlive, type ProcessIdentity } from './servers/processes.js';
export type { Server, StopMode } from './servers/server.js';
export { waitUntil } from './servers/wait.js';

export interface ServerOptions {
  build: Build;
  /** Lines of postgresql.conf; fsync and everything else is as PostgreSQL comes unless told otherwise here. */
  settings?: Settings;
  /** Load pg_stat_statements (track = top, track_utility = on, nothing saved) and create the extension. */
  statementStatistics?: boolean;
  /** Make a self-signed certificate and offer TLS. */
  tls?: boolean;
}

const STATEMENT_STATISTICS: Settings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'top',
  'pg_stat_statements.track_utility': 'on',
  'pg_stat_statements.save': 'off',
  'pg_stat_statements.max': 10_000,
};

const running = new Set<Server>();
let leftoversRemoved: Promise<void> | undefined;

/** A fresh server that takes connections on 127.0.0.1 and on a unix socket, user and database `postgres`, no password. */
export async function startServer(options: ServerOptions): Promise<Server> {
  if (process.getuid?.() !== 0) throw new Error('tests start servers as another user: run them as root');
  leftoversRemoved ??= removeLeftovers();
  await leftoversRemoved;
  const server = await createServerFiles(options);
  running.add(server);
  try {
    await server.start();
    await introduce(server, options);
    return server;
  } catch (error) {
    await removeServer(server);
    throw error;
  }
}

/** Stops one server and removes its files. */
export async function removeServer(server: Server): Promise<void> {
  running.delete(server);
  await server.remove();
}

/** For afterAll(): stops every server that this process has started, and removes their files. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map(removeServer));
}

async function createServerFiles({ build, settings = {}, statementStatistics, tls }: ServerOptions): Promise<Server> {
  const installation = await installationOf(build);
  const name = `server-${process.pid}-${randomBytes(4).toString('hex')}`;
  const cluster = clusterOf(installation, name);
  writeRecord(name, { owner: self(), directory: cluster.directory });
  const port = await freePort();
  const server = new Server({ build, cluster, port });
  try {
    await initialise(cluster);
    if (tls) await createCertificate(cluster);
    await configure(cluster, {
      port,
      listen_addresses: server.host,
      unix_socket_directories: cluster.directoryInRoot,
      ...(statementStatistics ? STATEMENT_STATISTICS : {}),
      ...(tls ? { ssl: 'on' } : {}),
      ...settings,
    });
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

async function introduce(server: Server, { statementStatistics }: ServerOptions): Promise<void> {
  const [row] = await server.sql<{ server_version: string }>('show server_version');
  server.version = row?.server_version.split(' ')[0] ?? '';
  if (statementStatistics) await server.sql('create extension pg_stat_statements');
}

/** Free when asked; the next server takes another one, since the kernel hands these out in random order. */
async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
