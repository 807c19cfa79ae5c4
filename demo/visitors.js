/** What people do on the shop's pages; each page is a span, and its queries carry its trace context. */
import { anyOf, CUSTOMERS, orderedProduct, PRODUCTS } from './catalogue.js';

/** @typedef {import('pg').Client} Client */
/** @type {{name: string, share: number, show: (client: Client) => Promise<void>}[]} shares add up to 1 */
export const PAGES = [
  { name: 'GET /product', share: 0.4, show: showProduct },
  { name: 'GET /basket', share: 0.2, show: showBasket },
  { name: 'GET /account', share: 0.15, show: showAccount },
  { name: 'POST /order', share: 0.2, show: placeOrder },
  { name: 'POST /register', share: 0.05, show: registerTwice },
];

/** @param {Client} client */
async function showProduct(client) {
  await client.query('SELECT name, category, price, stock FROM products WHERE id = $1', [anyOf(PRODUCTS)]);
}

/** A list of literals: its length differs, the query is one. @param {Client} client */
async function showBasket(client) {
  const products = Array.from({ length: anyOf(8) }, () => anyOf(PRODUCTS));
  await client.query(`SELECT id, name, price FROM products WHERE id IN (${products.join(', ')})`);
}

/** @param {Client} client */
async function showAccount(client) {
  const customer = anyOf(CUSTOMERS);
  await client.query('SELECT name, email FROM customers WHERE id = $1', [customer]);
  await client.query(
    `SELECT o.id, o.placed, o.status, sum(l.quantity * l.price) AS total
     FROM orders o JOIN lines l ON l."order" = o.id
     WHERE o.customer = $1 GROUP BY o.id ORDER BY o.placed DESC LIMIT 10`,
    [customer],
  );
}

/** The product's row first: whoever changes a product locks it before anything that refers to it. @param {Client} client */
async function placeOrder(client) {
  const product = orderedProduct();
  await client.query('BEGIN');
  await client.query('UPDATE products SET stock = stock - 1 WHERE id = $1', [product]);
  const { rows } = await client.query('INSERT INTO orders (customer) VALUES ($1) RETURNING id', [anyOf(CUSTOMERS)]);
  await client.query('INSERT INTO lines SELECT $1, id, 1, price FROM products WHERE id = $2', [rows[0].id, product]);
  await client.query('COMMIT');
}

/** Fails: the address is taken (23505). @param {Client} client */
async function registerTwice(client) {
  const email = `customer${anyOf(CUSTOMERS)}@example.com`;
  await client.query('INSERT INTO customers (email, name) VALUES ($1, $2)', [email, 'Somebody Else']);
}
