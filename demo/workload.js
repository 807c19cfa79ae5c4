/** Keeps the shop open until SIGTERM: node --import ./demo/tracing.js demo/workload.js SOCKET_DIRECTORY */
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { connect } from './database.js';
import {
  checkpoint,
  checkStock,
  raisePrice,
  reportMargin,
  reportSales,
  searchArchive,
  sendOrder,
  takeStock,
} from './office.js';
import { endTracing } from './tracing.js';
import { PAGES } from './visitors.js';
import { inSpan } from './work.js';

/** @typedef {import('pg').Client} Client */
/** @typedef {{name: string, pauseMs: number, act: (client: Client, directory: string) => Promise<void>}} Person each with a session of its own */

const VISITORS = 4;
/** SQLSTATEs that belong to the play: unique_violation and division_by_zero. */
const EXPECTED_ERRORS = ['23505', '22012'];

/** @type {Person[]} */
const PEOPLE = [
  ...Array.from({ length: VISITORS }, () => ({ name: 'shop', pauseMs: 120, act: visit })),
  { name: 'stock', pauseMs: 100, act: checkStock },
  { name: 'dispatch', pauseMs: 50, act: sendOrder },
  { name: 'sales report', pauseMs: 1500, act: reportSales },
  { name: 'margin report', pauseMs: 2000, act: reportMargin },
  { name: 'stocktaking', pauseMs: 1200, act: takeStock },
  { name: 'prices', pauseMs: 400, act: raisePrice },
  { name: 'archive', pauseMs: 3000, act: searchArchive },
  { name: 'maintenance', pauseMs: 8000, act: checkpoint },
];

/** Each as often as its share says. */
function anyPage() {
  let left = Math.random();
  for (const page of PAGES) {
    left -= page.share;
    if (left < 0) return page;
  }
  return PAGES[0];
}

/** @param {Client} client */
async function visit(client) {
  const page = anyPage();
  await inSpan(page.name, () => page.show(client), SpanKind.SERVER);
}

/**
 * @param {string} directory of the server's socket
 * @param {Person} person
 * @param {AbortSignal} closing
 */
async function live(directory, { name, pauseMs, act }, closing) {
  const client = await connect(directory, name);
  try {
    while (!closing.aborted) {
      await act(client, directory).catch((error) => {
        if (!EXPECTED_ERRORS.includes(error.code)) throw error;
      });
      // Nobody is as regular as a clock.
      await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal: closing }).catch(() => {});
    }
  } finally {
    await client.end();
  }
}

const [directory = ''] = process.argv.slice(2);
const closing = new AbortController();
process.once('SIGTERM', () => closing.abort());
try {
  await Promise.all(PEOPLE.map((person) => live(directory, person, closing.signal)));
  await endTracing();
  process.exit(0);
} catch (error) {
  console.error(`the shop's workload failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
