/** What the shop has when it opens, in rows; identifiers count from 1. */
export const CUSTOMERS = 2_000;
export const PRODUCTS = 500;
export const ORDERS = 30_000;
/** Old orders, which nobody needs: more than the server's buffers hold. */
export const ARCHIVED = 200_000;
/** The product that everybody wants: orders, the stocktaking and the price all change its row. */
export const FAVOURITE = 1;
const FAVOURITE_SHARE = 0.1;

/** @param {number} rows @returns {number} the identifier of any of them */
export function anyOf(rows) {
  return 1 + Math.floor(Math.random() * rows);
}

/** @returns {number} the identifier of a product that somebody orders */
export function orderedProduct() {
  return Math.random() < FAVOURITE_SHARE ? FAVOURITE : anyOf(PRODUCTS);
}
