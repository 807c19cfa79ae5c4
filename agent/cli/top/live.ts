/** The live view itself: takes each interval and each key press, and says when to draw what. No terminal, no clock. */
import type { CaptureInterval } from '../../capture.js';
import { EMPTY } from '../histogram.js';
import { sumLoads } from '../load.js';
import { loadIn } from '../measured-time.js';
import { NO_PHASES } from '../phases.js';
import { intervalOf, lossesOf } from './activity.js';
import { renderFrame } from './frame.js';
import { type Past, pushPast } from './history.js';
import { initialState, pressKeys, type TopState } from './keys.js';
import type { Line, Size } from './lines.js';
import { type SortKey, sortQueries } from './sort.js';
import type { Detail, Interval, QueryTotals, ServerFacts, View } from './view.js';
import { pushInterval, sumIntervals } from './window.js';

/** Log lines stay on the screen for this many intervals, and at most so many of them. */
const NOTICE_INTERVALS = 15;
const MAX_NOTICES = 3;

/** What the picture is made of; it stays while paused. */
interface Seen {
  last: CaptureInterval;
  window: Interval[];
  history: Past[];
}

export class Live {
  state: TopState;
  #window: Interval[] = [];
  #history: Past[] = [];
  #view: View;
  #newest: Seen | undefined;
  #shown: Seen | undefined;
  /** The selected query as it was when it last did something. */
  #remembered: QueryTotals | undefined;
  #notices: { text: string; intervals: number }[] = [];

  constructor(sort: SortKey, level: View['level'] = 'statements') {
    this.state = initialState(sort);
    const nothing = { seconds: 0, queries: [], background: [], files: [], history: [], losses: [], notices: [] };
    const locks = { waits: [], untold: 0 };
    this.#view = { ...nothing, locks, level, at: new Date(), servers: [], detail: undefined };
  }

  /** The servers are known before the first interval has passed. */
  attached(servers: readonly ServerFacts[]): void {
    this.#view = { ...this.#view, at: new Date(), servers: [...servers] };
  }

  interval(last: CaptureInterval): void {
    const interval = intervalOf(last);
    this.#window = pushInterval(this.#window, interval);
    this.#history = pushPast(this.#history, {
      seconds: interval.seconds,
      load: sumLoads(interval.queries.map(loadIn)),
    });
    this.#newest = { last, window: this.#window, history: this.#history };
    this.#notices = this.#notices.map((each) => ({ ...each, intervals: each.intervals + 1 }));
    this.#notices = this.#notices.filter(({ intervals }) => intervals <= NOTICE_INTERVALS);
    this.#refresh();
  }

  notice(text: string): void {
    this.#notices = [...this.#notices, { text, intervals: 0 }].slice(-MAX_NOTICES);
    this.#refresh();
  }

  press(keys: string): void {
    const rows = sortQueries(this.#view.queries, this.state.sort).map(({ key }) => key);
    this.state = pressKeys(this.state, keys, rows);
    this.#refresh();
  }

  draw(size: Size): Line[] {
    return renderFrame(this.#view, this.state, size);
  }

  #refresh(): void {
    if (!this.state.paused) this.#shown = this.#newest;
    const notices = this.#notices.map(({ text }) => text);
    this.#view = { ...this.#view, notices };
    if (this.#shown === undefined) return;
    const { last, window, history } = this.#shown;
    const all = sumIntervals(window);
    const shown = this.state.smoothed ? all : sumIntervals(window.slice(-1));
    const { at, servers, locks } = last;
    const detail = this.#detail(all);
    this.#view = { ...this.#view, ...shown, at, servers, locks, history, detail, losses: lossesOf(last) };
  }

  /** The selected query over all of the window: one that runs now and then is to be looked at in peace. */
  #detail({ seconds, queries }: Interval): Detail | undefined {
    const { selected } = this.state;
    if (selected === undefined) return undefined;
    const found = queries.find(({ key }) => key === selected);
    if (found !== undefined) this.#remembered = found;
    else if (this.#remembered?.key === selected) this.#remembered = idle(this.#remembered);
    else return undefined;
    return { seconds, query: this.#remembered };
  }
}

function idle(query: QueryTotals): QueryTotals {
  const nothing = { calls: 0, errors: 0, rows: 0, durationNs: 0, cpuNs: 0, runQueueNs: 0, ioBytes: 0, failures: {} };
  return { ...query, ...nothing, waits: [], phases: NO_PHASES, durations: EMPTY };
}
