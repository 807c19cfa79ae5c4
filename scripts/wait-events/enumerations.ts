/** Wait events up to PostgreSQL 16: enumerations in wait_event.h, their names in the switches of wait_event.c. */
import { elements, withoutComments } from './c-text.js';

/** By the class's macro: names in the order of their numbers. */
export type EventNames = Map<string, string[]>;

export function parseEnumerations({ header, code }: { header: string; code: string }): EventNames {
  const names = new Map(
    [...code.matchAll(/case (WAIT_EVENT_\w+):\s+event_name = "(\w+)";/g)].map(([, symbol, name]) => [symbol, name]),
  );
  const events: EventNames = new Map();
  for (const [, body = ''] of withoutComments(header).matchAll(/typedef enum\s*\{([^}]*)\}\s*WaitEvent\w+;/g)) {
    const [first = '', ...rest] = elements(body);
    const [, symbol, classSymbol] = /^(\w+)\s*=\s*(PG_WAIT_\w+)$/.exec(first) ?? [];
    if (symbol === undefined || classSymbol === undefined) throw new Error(`"${first}" does not begin a wait class`);
    events.set(
      classSymbol,
      [symbol, ...rest].map((one) => known(names, one)),
    );
  }
  return events;
}

/** Classes with one name for all their events: BufferPin, and what extensions wait for. */
export function parseSingleNames(code: string): Map<string, string> {
  const cases = code.matchAll(/case (PG_WAIT_\w+):\s+event_name = "(\w+)";/g);
  return new Map([...cases].map(([, symbol = '', name = '']) => [symbol, name]));
}

/** Also refuses an element that is given a number of its own. */
function known(names: Map<string | undefined, string | undefined>, symbol: string): string {
  const name = names.get(symbol);
  if (name === undefined) throw new Error(`the wait event ${symbol} has no name in wait_event.c`);
  return name;
}
