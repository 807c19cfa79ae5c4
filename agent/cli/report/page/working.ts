/** When checkpointer and autovacuum were at work, as strips below a chart: what hurts statements is to be seen beside them. */
import type { Background } from '../background.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { LOAD_SLOTS } from '../time-points.js';
import type { Timeline } from '../timeline.js';
import { HEIGHT, percent, round, WIDTH } from './chart.js';
import { type PeriodBin, periodBins } from './period.js';

/** A strip has its name at the left, where axis labels stand: there is room for ten characters. */
const STRIPS = [
  { name: 'checkpoint', isMeant: ({ backendType }: Background) => backendType === 'checkpointer' },
  { name: 'vacuum', isMeant: ({ backendType }: Background) => backendType === 'autovacuum worker' },
];
/** Of the time of a bin: a checkpointer that has nothing to do still looks around now and then. */
const LEAST_SHARE = 0.01;
const FAINTEST = 0.25;

/** Seconds that processes of one type were at work in a bin. */
export function secondsAtWork(timeline: Timeline, bin: number): number {
  return (
    timeline
      .at(bin)
      ?.subarray(0, LOAD_SLOTS)
      .reduce((all, each) => all + each, 0) ?? 0
  );
}

/** Empty if neither did anything. */
export function workingStrips(recording: Recording): Html[] {
  const bins = periodBins(recording);
  return STRIPS.flatMap(({ name, isMeant }) => {
    const processes = recording.background.filter(isMeant);
    const shares = bins.map(({ bin, seconds }) => {
      return processes.reduce((sum, { timeline }) => sum + secondsAtWork(timeline, bin), 0) / seconds;
    });
    return shares.some((share) => share >= LEAST_SHARE) ? [strip(name, bins, shares)] : [];
  });
}

/** What the strips mean, for the text beside a chart that has some. */
export function workingNote(recording: Recording): Html | undefined {
  return workingStrips(recording).length === 0
    ? undefined
    : html`<p class="note">The strips below the time axis show when the checkpointer and autovacuum workers were at work: the darker, the more of the time. They are as exact as the interval of the recording.</p>`;
}

function strip(name: string, bins: readonly PeriodBin[], shares: readonly number[]): Html {
  const rects = bins.map(({ from, to }, at) => {
    const share = shares[at] ?? 0;
    if (share < LEAST_SHARE) return undefined;
    const opacity = Math.round((FAINTEST + (1 - FAINTEST) * Math.min(1, share)) * 100) / 100;
    return html`<rect x="${round(from * WIDTH)}" y="0" width="${round((to - from) * WIDTH)}" height="${HEIGHT}" fill-opacity="${opacity}"><title>${name}: at work ${percent(share)} of the time</title></rect>`;
  });
  return html`<div class="strip-name">${name}</div><svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name} at work">${rects}</svg>`;
}
