/** Stands for an OpenTelemetry Collector: takes the shop's own spans over OTLP and writes them as its file exporter does. */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * @param {string} file gets a line of OTLP JSON for each request
 * @param {string | undefined} next receiver that gets each request, too, such as http://localhost:4318
 * @returns {Promise<string>} the URL that takes OTLP/JSON traces; it does not keep the process alive
 */
export async function openCollector(file, next) {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    appendFileSync(file, `${body}\n`);
    if (next !== undefined) await passOn(`${next.replace(/\/+$/, '')}/v1/traces`, body);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  server.unref();
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${address.port}/v1/traces`;
}

/** @param {string} url @param {string} body */
async function passOn(url, body) {
  try {
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) });
    if (status >= 300) console.error(`${url} refused the shop's spans: HTTP ${status}`);
  } catch (error) {
    console.error(`${url} did not take the shop's spans: ${error instanceof Error ? error.message : error}`);
  }
}
