/** Connections to the shop's database. */
import { createRequire } from 'node:module';

// require, not import: the instrumentation sees only modules that are loaded this way.
const { Client } = createRequire(import.meta.url)('pg');

/**
 * @param {string} directory of the server's socket
 * @param {string} name of the application, as the server knows it
 * @returns {Promise<import('pg').Client>} connected; the caller ends it
 */
export async function connect(directory, name) {
  const client = new Client({ host: directory, user: 'postgres', database: 'postgres', application_name: name });
  await client.connect();
  return client;
}
