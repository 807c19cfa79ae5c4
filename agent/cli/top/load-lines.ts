/** The load bar: average active sessions by class, now and over the last minutes, and the background processes in one line. */

import { LOAD_CLASSES, type Load, type LoadClass, loadFrom, scaleLoad, sumLoads, totalOf } from '../load.js';
import { biggestWait, loadIn, measuredNs } from '../measured-time.js';
import { compactDuration, compactShare } from '../quantities.js';
import { backgroundName } from './background.js';
import { bar, sparkline } from './glyphs.js';
import { type History, historyOf } from './history.js';
import { cut, type Line, line, row, run } from './lines.js';
import type { View } from './view.js';
import { padEnd, padStart, printable } from './width.js';

const NAME_WIDTH = 10;
const LOAD_WIDTH = 6;
const SHARE_WIDTH = 5;
const BAR_WIDTH = 10;
/** What stands left of the history. */
const LEFT_WIDTH = NAME_WIDTH + LOAD_WIDTH + SHARE_WIDTH + BAR_WIDTH + 4;
const MAX_CELLS = 60;
/** A class that never had this share of the load has no line of its own. */
const LEAST_SHARE = 0.005;

/** At most `maxClasses` lines of classes between a title, the background processes and an empty line. */
export function loadLines(view: View, columns: number, maxClasses: number): Line[] {
  if (view.seconds === 0) return [];
  const now = scaleLoad(sumLoads(view.queries.map(loadIn)), 1 / view.seconds);
  const history = historyOf(view.history, Math.min(MAX_CELLS, columns - LEFT_WIDTH));
  const classes = shownClasses([now, ...history.cells], maxClasses);
  const shown = { now: folded(now, classes), cells: history.cells.map((cell) => folded(cell, classes)) };
  const top = Math.max(0, ...shown.cells.flatMap((cell) => classes.map((each) => cell[each])));
  const rows = classes.map((each) => classRow(each, shown, top));
  return [title(history, top), ...rows, backgroundLine(view), []].map((each) => cut(each, columns));
}

/** CPU always, and in their fixed order those that had a share of the load worth a line, the largest first to be kept. */
function shownClasses(loads: readonly Load[], maxClasses: number): LoadClass[] {
  const peak = loadFrom((each) => Math.max(...loads.map((load) => load[each])));
  const isWorthALine = (each: LoadClass) => loads.some((load) => load[each] > totalOf(load) * LEAST_SHARE);
  const named = LOAD_CLASSES.filter((each) => each !== 'CPU' && each !== 'other' && isWorthALine(each));
  const fits = named.length + (isWorthALine('other') ? 2 : 1) <= maxClasses ? named.length : maxClasses - 2;
  const kept = new Set<LoadClass>(named.toSorted((a, b) => peak[b] - peak[a]).slice(0, fits));
  const withOther = fits < named.length || isWorthALine('other');
  return LOAD_CLASSES.filter((each) => each === 'CPU' || kept.has(each) || (withOther && each === 'other'));
}

/** What has no line of its own is in `other`. */
function folded(load: Load, classes: readonly LoadClass[]): Load {
  const hidden = LOAD_CLASSES.filter((each) => !classes.includes(each));
  const rest = hidden.reduce((sum, each) => sum + load[each], 0);
  const kept = loadFrom((each) => (hidden.includes(each) ? 0 : load[each]));
  return classes.includes('other') ? { ...kept, other: kept.other + rest } : load;
}

function classRow(name: LoadClass, shown: { now: Load; cells: readonly Load[] }, top: number): Line {
  const total = totalOf(shown.now);
  const share = total === 0 ? 0 : shown.now[name] / total;
  const course = sparkline(
    shown.cells.map((cell) => cell[name]),
    top,
  );
  return [
    ...row([
      { text: name, width: NAME_WIDTH, align: 'left' },
      { text: shown.now[name].toFixed(2), width: LOAD_WIDTH },
      { text: compactShare(share), width: SHARE_WIDTH },
      { text: bar(share, BAR_WIDTH), width: BAR_WIDTH, align: 'left', style: name },
    ]),
    run(' '),
    run(course, name),
  ];
}

function title({ cellSeconds, cells }: History, top: number): Line {
  const each = compactDuration(cellSeconds).replace('.0', '');
  const all = compactDuration(cellSeconds * cells.length).replace('.0', '');
  const left = `${padEnd('at work', NAME_WIDTH)} ${padStart('now', LOAD_WIDTH)} ${padStart('share', SHARE_WIDTH)}`;
  return line(`${padEnd(left, LEFT_WIDTH)}last ${all}, ${each} each, █ = ${top.toFixed(2)}`, 'dim');
}

/** The busiest first; those that never worked are left out. */
function backgroundLine({ background, seconds }: View): Line {
  const loads = background
    .map((each) => ({ each, load: measuredNs(each) / 1e9 / seconds }))
    .filter(({ load }) => load >= 0.005)
    .sort((a, b) => b.load - a.load);
  const total = background.reduce((sum, each) => sum + measuredNs(each), 0) / 1e9 / seconds;
  const words = loads.map(({ each, load }) => {
    const wait = biggestWait(each);
    return `${backgroundName(each)} ${load.toFixed(2)}${wait === '' ? '' : ` (${wait})`}`;
  });
  return [
    ...row([
      { text: 'background', width: NAME_WIDTH, align: 'left' },
      { text: total.toFixed(2), width: LOAD_WIDTH },
    ]),
    run(printable(` ${words.join(' · ')}`)),
  ];
}
