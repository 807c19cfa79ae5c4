/** What happens behind the shop: prepared statements, a slow report, a wrong one, a lock held too long, a cold read, a checkpoint. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { anyOf, FAVOURITE, ORDERS, PRODUCTS } from './catalogue.js';
import { inSpan } from './work.js';

/** @typedef {import('pg').Client} Client */
/** How long the stocktaking holds its product, in milliseconds. */
const STOCKTAKING_MS = 300;

/** Prepared once in a session, executed often. @param {Client} client */
export async function checkStock(client) {
  for (let n = 0; n < 50; n++) {
    const text = 'SELECT stock FROM products WHERE id = $1';
    await client.query({ name: 'stock', text, values: [anyOf(PRODUCTS)] });
  }
}

/** @param {Client} client */
export async function sendOrder(client) {
  const text = 'UPDATE orders SET status = $2 WHERE id = $1';
  await client.query({ name: 'send', text, values: [anyOf(ORDERS), 'sent'] });
}

/** Slow: every line of every order, sorted. @param {Client} client */
export async function reportSales(client) {
  await inSpan('report sales', async () => {
    await client.query(
      `SELECT p.category, date_trunc('day', o.placed) AS day, count(DISTINCT o.customer) AS customers,
       sum(l.quantity * l.price) AS sales, percentile_cont(0.5) WITHIN GROUP (ORDER BY l.price) AS median
     FROM lines l JOIN orders o ON o.id = l."order" JOIN products p ON p.id = l.product
     GROUP BY 1, 2 ORDER BY sales DESC`,
    );
  });
}

/** Fails: no product has the price it divides by (22012). @param {Client} client */
export async function reportMargin(client) {
  await client.query('SELECT name, 100 / (price - price) AS margin FROM products LIMIT 10');
}

/** Locks the favourite and takes its time. @param {Client} client */
export async function takeStock(client) {
  await inSpan('take stock', async () => {
    await client.query('BEGIN');
    await client.query('SELECT stock FROM products WHERE id = $1 FOR UPDATE', [FAVOURITE]);
    await sleep(STOCKTAKING_MS);
    await client.query('UPDATE products SET stock = 1000000 WHERE id = $1', [FAVOURITE]);
    await client.query('COMMIT');
  });
}

/** Waits for the stocktaking, most of the time. @param {Client} client */
export async function raisePrice(client) {
  await inSpan('raise price', async () => {
    await client.query('UPDATE products SET price = price + 0.01 WHERE id = $1', [FAVOURITE]);
  });
}

/**
 * Reads old orders from storage: too many for the server's buffers, and the kernel is told to forget what it has of their file.
 * @param {Client} client @param {string} directory of the server's socket and data
 */
export async function searchArchive(client, directory) {
  const { rows } = await client.query("SELECT pg_relation_filepath('archive') AS path");
  // With count=0 dd copies nothing, and tells the kernel to drop the whole file from its cache.
  await promisify(execFile)('dd', [`if=${directory}/data/${rows[0].path}`, 'iflag=nocache', 'count=0', 'status=none']);
  await inSpan('search archive', async () => {
    await client.query('SELECT count(*) FROM archive WHERE note LIKE $1', ['%lost in the post%']);
  });
}

/** Writes what has changed to storage, as a server does by itself every few minutes. @param {Client} client */
export async function checkpoint(client) {
  await client.query('CHECKPOINT');
}
