/** The live view itself: takes each interval and each key press, and says when to draw what. No terminal, no clock. */
import type { CaptureInterval } from '../../capture.js';
import { intervalOf, lossesOf } from './activity.js';
import { type Line, renderFrame, type Size } from './frame.js';
import { initialState, pressKeys, type TopState } from './keys.js';
import type { SortKey } from './sort.js';
import type { Interval, ServerFacts, View } from './view.js';
import { pushInterval, sumIntervals } from './window.js';

/** Log lines stay on the screen for this many intervals, and at most so many of them. */
const NOTICE_INTERVALS = 15;
const MAX_NOTICES = 3;

export class Live {
  state: TopState;
  #window: Interval[] = [];
  #view: View = { at: new Date(), servers: [], seconds: 0, queries: [], losses: [], notices: [] };
  #last: CaptureInterval | undefined;
  #notices: { text: string; intervals: number }[] = [];

  constructor(sort: SortKey) {
    this.state = initialState(sort);
  }

  /** The servers are known before the first interval has passed. */
  attached(servers: readonly ServerFacts[]): void {
    this.#view = { ...this.#view, at: new Date(), servers: [...servers] };
  }

  interval(interval: CaptureInterval): void {
    this.#last = interval;
    this.#window = pushInterval(this.#window, intervalOf(interval));
    this.#notices = this.#notices.map((each) => ({ ...each, intervals: each.intervals + 1 }));
    this.#notices = this.#notices.filter(({ intervals }) => intervals <= NOTICE_INTERVALS);
    this.#refresh();
  }

  notice(text: string): void {
    this.#notices = [...this.#notices, { text, intervals: 0 }].slice(-MAX_NOTICES);
    this.#refresh();
  }

  press(keys: string): void {
    this.state = pressKeys(this.state, keys);
    this.#refresh();
  }

  draw(size: Size): Line[] {
    return renderFrame(this.#view, this.state, size);
  }

  #refresh(): void {
    const notices = this.#notices.map(({ text }) => text);
    if (this.#last === undefined) {
      this.#view = { ...this.#view, notices };
    } else if (!this.state.paused) {
      const { seconds, queries } = sumIntervals(this.state.smoothed ? this.#window : this.#window.slice(-1));
      const { at, servers } = this.#last;
      this.#view = { at, servers, seconds, queries, losses: lossesOf(this.#last), notices };
    }
  }
}
