/** Wait events from PostgreSQL 17 on: wait_event_names.txt, numbered as its own generate-wait_event_types.pl does. */
import type { EventNames } from './enumerations.js';

/** Sections with code of their own; here they only serve PostgreSQL's documentation. */
const DOCUMENTATION_ONLY = new Set(['LWLock', 'Lock', 'InjectionPoint']);

/**
 * In alphabetical order, whatever the file's is; those below "ABI_compatibility:" come last, as they stand, since minor versions append
 * there.
 */
export function parseEventNames(text: string): EventNames {
  const events: EventNames = new Map();
  for (const section of text.split(/^Section: ClassName - WaitEvent/m).slice(1)) {
    const [className = ''] = section.split('\n', 1);
    if (DOCUMENTATION_ONLY.has(className)) continue;
    const [sorted = '', appended = ''] = section.slice(className.length).split(/^ABI_compatibility:$/m);
    const symbols = [...symbolsOf(sorted).sort(byUpperCase), ...symbolsOf(appended)];
    events.set(`PG_WAIT_${className.toUpperCase()}`, symbols.map(camelCase));
  }
  return events;
}

function symbolsOf(lines: string): string[] {
  const rows = lines.split('\n').filter((line) => !line.startsWith('#') && line.trim() !== '');
  return rows.map((row) => {
    const symbol = /^(\w+)\t+".*"$/.exec(row)?.[1];
    if (symbol === undefined) throw new Error(`this line of wait_event_names.txt is no wait event: ${row}`);
    return symbol;
  });
}

/** Perl's cmp of uc(): by code, so that WALSENDER_… stands before WAL_…. */
function byUpperCase(a: string, b: string): number {
  const [left, right] = [a.toUpperCase(), b.toUpperCase()];
  return left < right ? -1 : Number(left > right);
}

function camelCase(symbol: string): string {
  const words = symbol.split('_').map((word) => word.slice(0, 1) + word.slice(1).toLowerCase());
  return words.join('');
}
