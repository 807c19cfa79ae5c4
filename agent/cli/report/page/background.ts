/** The background processes: what checkpoints, autovacuum, WAL and I/O workers did beside the statements. */
import { LOAD_CLASSES, totalOf } from '../../load.js';
import { formatBytes, formatDuration, formatShare } from '../../quantities.js';
import type { Background } from '../background.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { styleOf } from './class-style.js';
import { type PeriodBin, periodBins } from './period.js';
import { serverName } from './place.js';
import { type Band, stackedChart } from './stacked.js';
import { secondsAtWork } from './working.js';

/** Types with a colour of their own. */
const COLORED = 6;
const MAX_ROWS = 20;

/** Undefined where nothing was recorded of them: older versions of pgscope did not. */
export function backgroundSection(recording: Recording): Html | undefined {
  const { background, fromSeconds, toSeconds } = recording;
  if (background.length === 0 || toSeconds <= fromSeconds) return undefined;
  const bins = periodBins(recording);
  const bands = bandsOf(background, bins);
  const isBusy = bands.some(({ seconds }) => seconds > 0);
  return html`<section id="background"><h2>Background processes</h2>
<p class="lead">How many of them were at work at one time, on average. Their idle sleep is not counted; what they do slows statements only where both want the same disk, CPU or lock.</p>
${isBusy && stackedChart(recording, { bands, bins, what: 'processes at work', size: 'small' })}
<div class="scroll"><table class="events"><thead><tr><th scope="col">Process</th><th scope="col">Load</th><th scope="col">Time</th><th scope="col" class="text">Where it went</th><th scope="col">CPU</th><th scope="col">Run queue</th><th scope="col" class="text">Biggest wait</th><th scope="col">Read</th><th scope="col">Written</th><th scope="col">WAL</th></tr></thead>
<tbody>${background.slice(0, MAX_ROWS).map((each) => rowOf(each, recording))}</tbody></table></div>
<p class="note">Read and written are the kernel’s counts: bytes from storage, and bytes made dirty, which the kernel writes later. A checkpoint that is spread over time waits in <code>Timeout:CheckpointWriteDelay</code>, a vacuum that spares the disk in <code>Timeout:VacuumDelay</code>. Parallel workers are no background processes here: what they do is their statement’s.</p></section>`;
}

function rowOf(each: Background, { fromSeconds, toSeconds, servers }: Recording): Html {
  const { backendType, work, load, waits, server } = each;
  const total = totalOf(load);
  const [longest] = waits;
  const wait = longest === undefined || total === 0 ? '' : `${longest.name} ${formatShare(longest.seconds / total)}`;
  return html`<tr><th scope="row">${backendType}${work !== undefined && html` <span class="quiet">${work}</span>`}${servers.length > 1 && html` <span class="quiet">${serverName(server)}</span>`}</th>
<td>${(total / (toSeconds - fromSeconds)).toFixed(3)}</td><td>${formatDuration(total)}</td><td class="text">${smallSplit(each)}</td><td>${formatDuration(load.CPU)}</td><td>${formatDuration(load['run queue'])}</td><td class="text">${wait}</td>
<td>${formatBytes(each.readBytes)}</td><td>${formatBytes(each.writtenBytes)}</td><td>${formatBytes(each.walBytes)}</td></tr>`;
}

function smallSplit({ load }: Background): Html {
  const parts = LOAD_CLASSES.filter((each) => load[each] > 0);
  const total = totalOf(load);
  return html`<span class="small-split">${parts.map(
    (each) =>
      html`<i class="${styleOf(each)}" style="flex-grow:${Math.round((load[each] / total) * 10_000)}" title="${each} ${formatShare(load[each] / total)}"></i>`,
  )}</span>`;
}

/** Types of process, those of all servers together. */
function bandsOf(background: readonly Background[], bins: readonly PeriodBin[]): Band[] {
  const types = [...Map.groupBy(background, ({ backendType }) => backendType)].map(([name, of]) =>
    bandOf(name, of, bins),
  );
  const busiest = types.filter(({ seconds }) => seconds > 0).sort((a, b) => b.seconds - a.seconds);
  const top = busiest.slice(0, COLORED).map((band, index) => ({ ...band, style: `c${index + 1}` }));
  const rest = new Set(busiest.slice(COLORED).map(({ name }) => name));
  if (rest.size === 0) return top;
  const name = rest.size === 1 ? ([...rest][0] ?? '') : `${rest.size} others`;
  return [
    ...top,
    bandOf(
      name,
      background.filter(({ backendType }) => rest.has(backendType)),
      bins,
    ),
  ];
}

function bandOf(name: string, background: readonly Background[], bins: readonly PeriodBin[]): Band {
  const secondsIn = (bin: number) => background.reduce((sum, { timeline }) => sum + secondsAtWork(timeline, bin), 0);
  return {
    name,
    style: 'c0',
    seconds: background.reduce((sum, { load }) => sum + totalOf(load), 0),
    values: bins.map(({ bin, seconds }) => secondsIn(bin) / seconds),
  };
}
