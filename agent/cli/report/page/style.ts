/**
 * How the page looks. Series colours are Paul Tol's "bright" scheme, the heat map has one hue from weak to strong, and the phases
 * another one: all can be told apart with every kind of colour vision. Paper always gets the light colours.
 */

import { PHASES } from '../../../tracer.js';
import { LOAD_CLASSES } from '../../load.js';
import { styleOf } from './class-style.js';
import { phaseStyle } from './phase-style.js';

const DARK = `
  --back: #14161a; --card: #1b1e24; --ink: #e7e9ec; --quiet: #9aa4b0; --faint: #626c78; --line: #2e343d; --soft: #242830;
  --alarm: #ff8a7a; --alarm-back: #3a1f1d; --link: #7db7ee;
  --c0: #59616c; --c1: #5b93cc; --c2: #ee6677; --c3: #3fa650; --c4: #ccbb44; --c5: #66ccee; --c6: #c0559a;
  --h1: #17395a; --h2: #1b4f7d; --h3: #2370a6; --h4: #3d92ce; --h5: #74b6e8; --h6: #c3e3fb;
  --w-cpu: #5b93cc; --w-run-queue: #ccbb44; --w-io: #3fa650; --w-lock: #ee6677; --w-lwlock: #c0559a;
  --w-ipc: #66ccee; --w-client: #ffc2d1; --w-timeout: #a58a5c; --w-kernel: #9a8ff0; --w-other: #59616c;
  --p-parse: #1c544f; --p-analyze: #24716a; --p-bind: #2e8f86; --p-plan: #4bb0a5; --p-execute: #7fcfc6; --p-commit: #c4ece7;
  --client: #5a6b7f; --p50: #ffb14e; --p99: #ff7fb0; --rest: #4b535e;
`;

const LIGHT = `
  --back: #f7f7f5; --card: #fff; --ink: #1b1e23; --quiet: #5f6874; --faint: #a3a9b2; --line: #e2e4e8; --soft: #f1f2f4;
  --alarm: #b3261e; --alarm-back: #fdecea; --link: #2463a4;
  --c0: #b4b8bf; --c1: #4477aa; --c2: #ee6677; --c3: #228833; --c4: #ccbb44; --c5: #66ccee; --c6: #aa3377;
  --h1: #dfebf7; --h2: #b7d3ec; --h3: #82b3db; --h4: #478ec4; --h5: #1e629d; --h6: #08306b;
  --w-cpu: #4477aa; --w-run-queue: #ccbb44; --w-io: #228833; --w-lock: #ee6677; --w-lwlock: #aa3377;
  --w-ipc: #66ccee; --w-client: #f7b6c8; --w-timeout: #8a6d3b; --w-kernel: #332288; --w-other: #b4b8bf;
  --p-parse: #cfe9e5; --p-analyze: #a3d5ce; --p-bind: #74beb4; --p-plan: #3f9f94; --p-execute: #1f7a70; --p-commit: #0b4f49;
  --client: #93a4b8; --p50: #e07b00; --p99: #b8155f; --rest: #c9cdd3;
`;

const TEXT = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1280px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; unicode-bidi: isolate; }
code, pre { font: .85em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
section { margin-top: 1.25rem; padding: 1.1rem 1.25rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.lead, .note { color: var(--quiet); max-width: 70rem; text-wrap: pretty; }
.lead { margin: .1rem 0 1rem; }
.note { margin-top: .7rem; font-size: .87rem; }
.quiet, .empty { color: var(--quiet); }
.empty { margin-top: .4rem; }
.brand { color: var(--quiet); font-weight: 600; letter-spacing: .04em; }
.period { color: var(--quiet); margin-top: .25rem; }
.losses { background: var(--alarm-back); border-color: var(--alarm); }
.losses h2 { color: var(--alarm); }
.losses ul { margin: .4rem 0 0 1.1rem; }
.headline { display: grid; grid-template-columns: repeat(6, 1fr); gap: .75rem; margin-top: 1.25rem; }
.headline > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .75rem 1rem .8rem; min-width: 0; }
.headline span, .headline small { display: block; color: var(--quiet); font-size: .8rem; line-height: 1.35; }
.headline b { display: block; font-size: 1.5rem; font-weight: 600; line-height: 1.4; white-space: nowrap; letter-spacing: -.01em; }
.headline .failing b { color: var(--alarm); }
`;

const CHARTS = `
.chart { display: grid; grid-template-columns: 4.4rem minmax(0, 1fr); grid-template-rows: auto 15rem 1.5rem; font-size: .78rem; color: var(--quiet); }
.chart.small { grid-template-rows: auto 9rem 1.5rem; }
.chart .y-title { grid-column: 1 / 3; padding-bottom: .45rem; }
.chart .y { position: relative; }
.chart .y span { position: absolute; right: .55rem; transform: translateY(50%); line-height: 1; white-space: nowrap; }
.chart .x { grid-column: 2; position: relative; }
.chart .x span { position: absolute; top: .3rem; transform: translateX(-50%); line-height: 1.2; white-space: nowrap; }
.canvas { display: block; width: 100%; height: 100%; border-bottom: 1px solid var(--quiet); background: var(--card); }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; fill: none; }
.heat { shape-rendering: crispEdges; }
.casing { fill: none; stroke: var(--card); stroke-width: 4.5; opacity: .55; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.quantile { fill: none; stroke-width: 1.8; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.quantile.p50 { stroke: var(--p50); }
.quantile.p99 { stroke: var(--p99); stroke-dasharray: 5 3; }
.swatch { display: inline-block; flex: none; width: .8em; height: .8em; border-radius: 2px; }
.stroke { display: inline-block; width: 1.6em; border-top: 2px solid; margin-right: .4em; vertical-align: middle; }
.stroke.p50 { border-color: var(--p50); }
.stroke.p99 { border-color: var(--p99); border-top-style: dashed; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .35rem 0 0 4.4rem; color: var(--quiet); font-size: .78rem; }
.key .swatch { margin-right: .4em; }
.with-legend { display: grid; grid-template-columns: minmax(0, 1fr) 21rem; gap: 1.5rem; }
.legend { list-style: none; font-size: .87rem; align-self: center; }
.legend li { display: flex; align-items: baseline; gap: .5rem; padding: .22rem 0; }
.legend .name { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.split { display: flex; gap: 2px; height: 1.6rem; margin-top: .8rem; border-radius: 5px; overflow: hidden; }
.split span { flex-basis: 0; }
.phases .split { height: .8rem; margin-top: .3rem; }
.split-legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.6rem; margin-top: .55rem; font-size: .87rem; }
.split-legend .swatch { margin-right: .45em; }
.strip-name { text-align: right; padding-right: .55rem; font-size: .72rem; line-height: .9rem; }
.strip { display: block; width: 100%; height: .5rem; margin: .2rem 0; background: var(--soft); fill: var(--ink); border-radius: 2px; }
.course { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.rest { background: var(--rest); }
.band { stroke: var(--card); stroke-width: 1; vector-effect: non-scaling-stroke; }
`;

const TABLES = `
.scroll { overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .85rem; }
th, td { height: 35px; padding: 4px .45rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 500; border-bottom-color: var(--quiet); }
.queries thead button { all: unset; cursor: pointer; }
.queries thead button:focus-visible, .toggle:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.queries thead button[aria-sort] { color: var(--ink); font-weight: 650; }
.queries thead button[aria-sort]::after { content: " ↓"; }
.queries thead button[aria-sort="ascending"]::after { content: " ↑"; }
.queries .query { position: sticky; left: 0; z-index: 1; background: var(--card); text-align: left; font-weight: 400; min-width: 15rem; max-width: 15rem; padding-left: 0; }
.queries thead .query button { padding-left: 1.3rem; }
.toggle { all: unset; box-sizing: border-box; cursor: pointer; display: grid; grid-template-columns: 1.3rem minmax(0, 1fr); align-items: baseline; width: 100%; }
.summary, .where { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
.summary { font-weight: 600; }
.where { grid-column: 2; color: var(--quiet); font-size: .78rem; }
.queries tbody:hover > tr:first-child > *, .queries .open > tr:first-child > * { background: var(--soft); }
.share { display: inline-block; width: 3rem; height: .6rem; margin-right: .5rem; background: var(--soft); border-radius: 2px; overflow: hidden; text-align: left; }
.share-text { display: inline-block; min-width: 3.4rem; }
.share span { display: block; height: 100%; min-width: 1px; background: var(--c1); }
tbody:hover .share, .open .share { background: var(--line); }
.alarm { color: var(--alarm); font-weight: 600; }
.zero { color: var(--faint); }
.js .queries tbody:not(.open) .detail { display: none; }
.detail td { padding: 0; text-align: left; white-space: normal; }
.opened { position: sticky; left: 0; width: min(100%, 100vw - 2.5rem); padding: .8rem 0 1.2rem; display: grid; gap: .9rem; }
.sql { margin: 0; padding: .7rem .9rem; max-height: 18rem; overflow: auto; white-space: pre-wrap; background: var(--soft); border-radius: 6px; unicode-bidi: isolate; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(14.5rem, 1fr)); gap: .1rem 2rem; font-size: .85rem; }
.facts div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .18rem 0; }
.facts dt { color: var(--quiet); }
.facts dd { white-space: nowrap; }
.facts.wide dd { white-space: normal; overflow-wrap: anywhere; }
.facts.wide { display: block; margin-top: .5rem; }
.facts.wide div { justify-content: flex-start; }
.facts.wide dt { flex: 0 0 10rem; }
.events { margin-top: .9rem; }
.events th:first-child, .events .text { text-align: left; }
.events th:first-child { padding-left: 0; }
.events tbody th { font-weight: 400; }
.events th, .events td { height: auto; padding: .25rem .6rem; }
.events .swatch { margin-right: .5em; }
.events td.text { max-width: 24rem; overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
.opened .events { width: auto; margin-top: 0; }
.opened .events td { padding: .25rem .6rem; text-align: right; white-space: nowrap; }
.small-split { display: inline-flex; gap: 1px; width: 8rem; height: .7rem; vertical-align: middle; border-radius: 2px; overflow: hidden; }
.small-split i { flex-basis: 0; }
.failures { margin-top: -.4rem; }
.failures th, .failures td { text-align: left; vertical-align: top; }
.failures th:first-child, .failures td:first-child { padding-left: 0; }
.failures .number { text-align: right; }
.failures td:nth-child(2) { white-space: normal; min-width: 9rem; }
.failures ul { list-style: none; }
.failures li { display: flex; gap: .6rem; }
.failures .name { max-width: 26rem; overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
`;

const WATERFALLS = `
.waterfall { padding: .9rem 0 .8rem; border-top: 1px solid var(--line); }
.waterfall header { display: flex; align-items: baseline; gap: .2rem .9rem; flex-wrap: wrap; margin-bottom: .5rem; }
.waterfall .duration { font-size: 1.15rem; white-space: nowrap; }
.waterfall h3 { flex: 0 1 auto; max-width: 100%; }
.waterfall .note { margin-top: .35rem; }
.lane { display: grid; grid-template-columns: 15rem minmax(0, 1fr) 7rem; gap: .8rem; align-items: center; font-size: .82rem; line-height: 1.55rem; }
.lane .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--quiet); unicode-bidi: isolate; }
.lane.slow .name { color: var(--ink); font-weight: 600; }
.track { position: relative; height: 1.55rem; }
.lane:not(.axis) .track { background: linear-gradient(var(--line), var(--line)) 0 50% / 100% 1px no-repeat; }
.bar { position: absolute; display: flex; top: .35rem; bottom: .35rem; min-width: 3px; border-radius: 2px; overflow: hidden; background: var(--rest); }
.bar i { flex-basis: 0; }
.child .bar { top: .5rem; bottom: .5rem; }
.swatch.client, .client .bar { background: var(--client); }
.label { position: absolute; padding: 0 .4rem; margin-left: 1px; white-space: nowrap; color: var(--quiet); background: var(--card); line-height: 1.1rem; top: .22rem; }
.slow .label { color: var(--ink); font-weight: 600; }
.failed .label { color: var(--alarm); font-weight: 600; }
.locks .lane { grid-template-columns: 23rem minmax(0, 1fr) 8rem; line-height: 1.25rem; padding: .12rem 0; }
.locks .lane .name, .locks .lane b { color: var(--ink); }
.locks small { display: block; color: var(--quiet); font-size: .92em; overflow: hidden; text-overflow: ellipsis; }
.blockers th[scope="row"] { max-width: 24rem; padding-top: .35rem; padding-bottom: .35rem; }
.blockers code { display: block; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.holder { background: var(--client); }
.axis .tick { position: absolute; color: var(--quiet); font-size: .78rem; white-space: nowrap; padding-left: .3rem; border-left: 1px solid var(--line); }
.all-queries { display: none; margin-top: .8rem; font: inherit; font-size: .87rem; color: var(--link); background: none; border: 1px solid var(--line); border-radius: 6px; padding: .3rem .9rem; cursor: pointer; }
.js .all-queries { display: block; }
.js .queries:not(.all) tbody:nth-of-type(n + 26) { display: none; }
details summary { cursor: pointer; color: var(--link); font-size: .87rem; margin-top: .35rem; width: fit-content; }
details .sql { margin-top: .4rem; }
`;

const PROGRAMS = `
.program { padding: .9rem 0 .4rem; border-top: 1px solid var(--line); }
.program header { display: flex; align-items: baseline; gap: .2rem .9rem; flex-wrap: wrap; }
.program .lead { margin-bottom: .8rem; }
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.4rem 2.5rem; margin-bottom: 1rem; }
.plot { margin: 0; min-width: 0; }
.plot.wide { grid-column: 1 / -1; }
.plot > .scroll { margin: 0; padding: 0; }
.plot .events { margin-top: .2rem; }
.plot figcaption { font-size: .87rem; color: var(--quiet); overflow-wrap: anywhere; }
.plot figcaption b { color: var(--ink); font-weight: 600; }
.plot figcaption code { display: block; }
.plot .name { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.bars { list-style: none; margin-top: .35rem; font-size: .82rem; }
.bars li { display: grid; grid-template-columns: minmax(0, 18rem) minmax(3rem, 1fr) 4.6rem 3.4rem; gap: .6rem; align-items: center; padding: .1rem 0; }
.bars .number { text-align: right; white-space: nowrap; }
.gauge { display: inline-block; height: .7rem; background: var(--soft); border-radius: 2px; overflow: hidden; }
.gauge i { display: block; height: 100%; }
.ranges { width: auto; }
.ranges th, .ranges td { padding-top: .1rem; padding-bottom: .1rem; border-bottom: 0; }
.ranges thead th { vertical-align: bottom; max-width: 10.5rem; border-bottom: 1px solid var(--quiet); color: var(--ink); }
.ranges thead span.name { white-space: normal; overflow-wrap: anywhere; }
.ranges thead code { color: var(--quiet); }
.ranges tbody th, .ranges tfoot th { text-align: right; color: var(--quiet); font-weight: 400; }
.ranges tfoot tr:first-child > * { border-top: 1px solid var(--line); }
.ranges tfoot td { color: var(--quiet); }
.ranges .gauge { width: 6rem; margin-right: .4rem; vertical-align: middle; }
`;

const NARROW = `
@media (max-width: 1000px) { .headline { grid-template-columns: repeat(3, 1fr); } .with-legend { grid-template-columns: minmax(0, 1fr); gap: .75rem; } .plots { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 640px) {
  .bars li { grid-template-columns: minmax(0, 8rem) minmax(2rem, 1fr) 4.5rem; }
  .bars .quiet { display: none; }
  main { padding: 1.25rem .75rem 3rem; }
  section { padding: .9rem; }
  .scroll { margin: 0 -.9rem; padding: 0 .9rem; }
  .headline { grid-template-columns: repeat(2, 1fr); gap: .5rem; }
  .headline b { font-size: 1.25rem; }
  .chart { grid-template-columns: 3.4rem minmax(0, 1fr); grid-template-rows: auto 12rem 1.5rem; }
  .key { margin-left: 0; }
  .chart .x span:nth-child(even) { display: none; }
  .queries .query { min-width: 10.5rem; max-width: 10.5rem; }
  .opened { width: calc(100vw - 3.3rem); }
  .locks .lane { grid-template-columns: 9rem minmax(0, 1fr) 5.5rem; gap: .5rem; }
  .lane { grid-template-columns: 6.5rem minmax(0, 1fr) 5.5rem; gap: .5rem; }
  .axis .tick:nth-last-child(even) { display: none; }
  .facts.wide dt { flex-basis: 6.5rem; }
}
`;

const PRINT = `
@media print {
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { margin: 10mm; }
  html { font-size: 11px; }
  body { font-size: .95rem; background: #fff; }
  main { max-width: none; padding: 0; }
  section, .headline > div { border-color: #ccc; }
  .headline { grid-template-columns: repeat(6, 1fr); }
  .chart, .waterfall, .headline, tbody, .split, .plot { break-inside: avoid; }
  h2, .lead { break-after: avoid; }
  .scroll { overflow: visible; }
  .js .all-queries { display: none; }
  .share { display: none; }
  .queries { font-size: .76rem; }
  .queries th, .queries td { height: auto; padding: .25rem .3rem; }
  .queries .query { position: static; min-width: 12rem; max-width: 12rem; }
  .queries tbody:hover > tr:first-child > *, .queries .open > tr:first-child > * { background: none; }
}
`;

/** Classes of the series colours (0 is everything else) and of the shades of the heat map. */
const SERIES = [0, 1, 2, 3, 4, 5, 6]
  .map((color) => `.c${color} { fill: var(--c${color}); background: var(--c${color}); }`)
  .join('\n');
const COURSES = [1, 2, 3, 4, 6]
  .map((color) => `.course.c${color} { fill: none; stroke: var(--c${color}); }`)
  .join('\n');
const CLASSES = LOAD_CLASSES.map(styleOf)
  .map((name) => `.${name}, .bar.${name} { fill: var(--${name}); background: var(--${name}); }`)
  .join('\n');
const PHASE_BARS = PHASES.map(phaseStyle)
  .map((name) => `.${name}, .bar.${name} { background: var(--${name}); }`)
  .join('\n');
const SHADES = [1, 2, 3, 4, 5, 6]
  .map((shade) => `.h${shade} { fill: var(--h${shade}); background: var(--h${shade}); }`)
  .join('\n');

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
${TEXT}${CHARTS}${SERIES}
${CLASSES}
${PHASE_BARS}
${COURSES}
${SHADES}
${TABLES}${WATERFALLS}${PROGRAMS}${NARROW}${PRINT}`;
