/** Makes the shop's tables and fills them: prepare.js SOCKET_DIRECTORY */

import { ARCHIVED, CUSTOMERS, ORDERS, PRODUCTS } from './catalogue.js';
import { connect } from './database.js';

const SCHEMA = `
  CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL);
  CREATE TABLE products (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
    category text NOT NULL, price numeric(8, 2) NOT NULL, stock int NOT NULL);
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL REFERENCES customers,
    placed timestamptz NOT NULL DEFAULT now(), status text NOT NULL DEFAULT 'new');
  CREATE TABLE lines ("order" int NOT NULL REFERENCES orders, product int NOT NULL REFERENCES products,
    quantity int NOT NULL, price numeric(8, 2) NOT NULL);
  CREATE TABLE archive (id int NOT NULL, placed timestamptz NOT NULL, note text NOT NULL);`;

const ROWS = `
  INSERT INTO customers (email, name) SELECT 'customer' || n || '@example.com', 'Customer ' || n
    FROM generate_series(1, ${CUSTOMERS}) n;
  INSERT INTO products (name, category, price, stock)
    SELECT 'Product ' || n, (ARRAY['books', 'garden', 'kitchen', 'toys'])[1 + n % 4], 1 + n % 97, 1000000
    FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO orders (customer, placed, status)
    SELECT 1 + n % ${CUSTOMERS}, now() - n * interval '1 minute', 'sent' FROM generate_series(1, ${ORDERS}) n;
  INSERT INTO lines SELECT 1 + n % ${ORDERS}, 1 + n % ${PRODUCTS}, 1 + n % 3, 1 + n % 97
    FROM generate_series(1, ${3 * ORDERS}) n;
  INSERT INTO archive SELECT n, now() - interval '1 year' - n * interval '1 minute', repeat('was sent ', 12) || n
    FROM generate_series(1, ${ARCHIVED}) n;
  CREATE INDEX ON orders (customer);
  CREATE INDEX ON lines ("order");
  ANALYZE;`;

const client = await connect(process.argv[2] ?? '', 'prepare');
try {
  await client.query(SCHEMA);
  await client.query(ROWS);
} finally {
  await client.end();
}
