/** LWLocks: single ones with fixed numbers, then the built-in tranches, then what extensions take. */
import { bodyAfter, elements, unquoted } from './c-text.js';

export interface LwlockSources {
  /** lwlocknames.txt, up to PostgreSQL 16. */
  textList: string | undefined;
  /** lwlocklist.h, from PostgreSQL 17 on. */
  headerList: string | undefined;
  /** lwlock.h */
  header: string;
  /** lwlock.c */
  code: string;
}

export interface Lwlocks {
  names: Record<number, string>;
  firstOfExtensions: number;
}

export function parseLwlocks(sources: LwlockSources): Lwlocks {
  const single = singleLocks(sources);
  const firstTranche = Math.max(...single.map(([number]) => number)) + 1;
  const tranches = trancheNames(sources).map((name, index): [number, string] => [firstTranche + index, name]);
  return { names: Object.fromEntries([...single, ...tranches]), firstOfExtensions: firstTranche + tranches.length };
}

function singleLocks({ textList = '', headerList }: LwlockSources): [number, string][] {
  const found =
    headerList === undefined
      ? [...textList.matchAll(/^(\w+)Lock\s+(\d+)$/gm)].map(([, name, number]) => ({ name, number }))
      : [...headerList.matchAll(/^PG_LWLOCK\((\d+), (\w+)\)/gm)].map(([, number, name]) => ({ name, number }));
  if (found.length === 0) throw new Error('the sources list no LWLocks: has PostgreSQL moved them?');
  return found.map(({ name = '', number }) => [Number(number), name]);
}

/** In the order of their numbers. PostgreSQL 19 has them in the header's list. */
function trancheNames({ headerList = '', header, code }: LwlockSources): string[] {
  const listed = [...headerList.matchAll(/^PG_LWLOCKTRANCHE\(\w+, (\w+)\)/gm)].map(([, name = '']) => name);
  if (listed.length > 0) return listed;
  const symbols = elements(bodyAfter(header, 'enum BuiltinTrancheIds'));
  if (symbols.pop() !== 'LWTRANCHE_FIRST_USER_DEFINED')
    throw new Error('BuiltinTrancheIds does not end where the tranches of extensions begin');
  const body = bodyAfter(code, 'BuiltinTrancheNames[] =').replace(/^#.*$/gm, '');
  const names = elements(body);
  if (names.length !== symbols.length)
    throw new Error(`lwlock.h has ${symbols.length} built-in tranches, lwlock.c names ${names.length}`);
  return names.every((name) => name.startsWith('[')) ? inOrderOf(symbols, names) : names.map(unquoted);
}

/** For `[LWTRANCHE_X] = "X"`: the array's order is not the enumeration's. */
function inOrderOf(symbols: string[], initialisers: string[]): string[] {
  const names = new Map(initialisers.map((one) => one.slice(1).split(/\]\s*=\s*/) as [string, string]));
  return symbols.map((element) => {
    const symbol = element.replace(/\s*=\s*NUM_INDIVIDUAL_LWLOCKS$/, '');
    const name = names.get(symbol);
    if (name === undefined) throw new Error(`the tranche ${symbol} has no name in lwlock.c`);
    return unquoted(name);
  });
}
