/** One version's table of wait events from its sources. */
import type { WaitClass, WaitEventTable } from '../../agent/waits/table.js';
import { bodyAfter, elements, unquoted } from './c-text.js';
import { parseClasses } from './classes.js';
import { type EventNames, parseEnumerations, parseSingleNames } from './enumerations.js';
import { parseEventNames } from './event-names.js';
import { parseLwlocks } from './lwlocks.js';
import { readRequired, type SourceTree } from './source.js';

const HEADER = 'src/include/utils/wait_event.h';
/** From PostgreSQL 18 on the numbers of the classes stand here. */
const CLASSES_HEADER = 'src/include/utils/wait_classes.h';
const CODE = 'src/backend/utils/activity/wait_event.c';
const NAMES = 'src/backend/utils/activity/wait_event_names.txt';

export function readTable(source: SourceTree): WaitEventTable {
  const header = readRequired(source, HEADER);
  const code = readRequired(source, CODE);
  const list = source.read(NAMES);
  const events = list === undefined ? parseEnumerations({ header, code }) : parseEventNames(list);
  const singleNames = parseSingleNames(code);
  const classes: Record<number, WaitClass> = {};
  for (const { symbol, number, type } of parseClasses({ header: source.read(CLASSES_HEADER) ?? header, code })) {
    const name = singleNames.get(symbol);
    classes[number] = name === undefined ? classOf({ type, symbol, events, source }) : single(type, name);
  }
  return { version: versionOf(source), classes };
}

function single(type: string, name: string): WaitClass {
  return { type, names: {}, others: { from: 0, name } };
}

function classOf(known: { type: string; symbol: string; events: EventNames; source: SourceTree }): WaitClass {
  const { type, symbol, events, source } = known;
  if (type === 'LWLock') return lwlocks(source);
  if (type === 'Lock') return { type, names: { ...lockTypes(source) } };
  if (type === 'InjectionPoint') return { type, names: {} };
  const names = events.get(symbol);
  if (names === undefined) throw new Error(`the wait class ${symbol} has no events: has PostgreSQL moved them?`);
  return { type, names: { ...names } };
}

function lwlocks(source: SourceTree): WaitClass {
  const { names, firstOfExtensions } = parseLwlocks({
    textList: source.read('src/backend/storage/lmgr/lwlocknames.txt'),
    headerList: source.read('src/include/storage/lwlocklist.h'),
    header: readRequired(source, 'src/include/storage/lwlock.h'),
    code: readRequired(source, 'src/backend/storage/lmgr/lwlock.c'),
  });
  return { type: 'LWLock', names, others: { from: firstOfExtensions, name: 'extension' } };
}

/** In the order of LockTagType. */
function lockTypes(source: SourceTree): string[] {
  const code = readRequired(source, 'src/backend/utils/adt/lockfuncs.c');
  return elements(bodyAfter(code, 'LockTagTypeNames[] =')).map(unquoted);
}

function versionOf(source: SourceTree): string {
  const version = /^AC_INIT\(\[PostgreSQL\], \[([^\]]+)\]/m.exec(readRequired(source, 'configure.ac'))?.[1];
  if (version === undefined) throw new Error('configure.ac does not say which version of PostgreSQL this is');
  return version;
}
