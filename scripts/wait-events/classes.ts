/** The classes of wait events: their numbers from the header, their names from pgstat_get_wait_event_type(). */

export interface WaitClassName {
  /** The macro, such as PG_WAIT_IO. */
  symbol: string;
  /** The top byte of its events. */
  number: number;
  type: string;
}

export function parseClasses({ header, code }: { header: string; code: string }): WaitClassName[] {
  const numbers = new Map(
    [...header.matchAll(/^#define (PG_WAIT_\w+)\s+0x([0-9A-F]{2})000000U/gm)].map(([, symbol, digits]) => [
      symbol,
      Number.parseInt(digits ?? '', 16),
    ]),
  );
  const names = [...code.matchAll(/case (PG_WAIT_\w+):\s+event_type = "(\w+)";/g)];
  if (numbers.size === 0 || names.length !== numbers.size)
    throw new Error(
      `the sources define ${numbers.size} wait classes and name ${names.length}: has PostgreSQL moved them?`,
    );
  return names.map(([, symbol = '', type = '']) => {
    const number = numbers.get(symbol);
    if (number === undefined) throw new Error(`the wait class ${symbol} has no number`);
    return { symbol, number, type };
  });
}
