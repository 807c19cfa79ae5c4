/**
 * Time in equal bins, of which there are never more than a limit: when more would be needed, neighbours are merged in pairs and all
 * bins are twice as wide from then on. So a file can be read as a stream, without knowing how long it goes on.
 */

/** Bins of one timeline; a chart of 1000 pixels shows no more. */
export const MAX_BINS = 120;

/** The common clock of all timelines of a report. Bin i covers [i × width, (i + 1) × width) Unix seconds. */
export class Clock {
  #widthSeconds = 1;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  readonly #timelines: Timeline[] = [];
  readonly #maxBins: number;

  constructor(maxBins = MAX_BINS) {
    this.#maxBins = maxBins;
  }

  get widthSeconds(): number {
    return this.#widthSeconds;
  }

  /** Indices of all bins from the first to the last one in use; empty before the first use. */
  get bins(): number[] {
    return this.#last < this.#first
      ? []
      : Array.from({ length: this.#last - this.#first + 1 }, (_, at) => this.#first + at);
  }

  /** A timeline on this clock, with `slots` numbers in each bin. */
  timeline(slots: number): Timeline {
    const timeline = new Timeline(this, slots);
    this.#timelines.push(timeline);
    return timeline;
  }

  /** Makes room for a stretch of time, then lists the bins it touches with the share that lies in each (together 1). */
  spread(fromSeconds: number, toSeconds: number): [bin: number, share: number][] {
    this.#first = Math.min(this.#first, this.#bin(fromSeconds));
    this.#last = Math.max(this.#last, this.#lastBin(fromSeconds, toSeconds));
    while (this.#last - this.#first + 1 > this.#maxBins) this.#coarsen();
    const first = this.#bin(fromSeconds);
    const last = this.#lastBin(fromSeconds, toSeconds);
    if (first === last) return [[first, 1]];
    return Array.from({ length: last - first + 1 }, (_, at) => {
      const start = Math.max(fromSeconds, (first + at) * this.#widthSeconds);
      const end = Math.min(toSeconds, (first + at + 1) * this.#widthSeconds);
      return [first + at, (end - start) / (toSeconds - fromSeconds)];
    });
  }

  #bin(seconds: number): number {
    return Math.floor(seconds / this.#widthSeconds);
  }

  /** The bin that holds the moment just before `toSeconds`: a stretch that ends on a limit does not touch the next bin. */
  #lastBin(fromSeconds: number, toSeconds: number): number {
    return Math.max(this.#bin(fromSeconds), Math.ceil(toSeconds / this.#widthSeconds) - 1);
  }

  #coarsen(): void {
    this.#widthSeconds *= 2;
    this.#first = Math.floor(this.#first / 2);
    this.#last = Math.floor(this.#last / 2);
    for (const timeline of this.#timelines) timeline.coarsen();
  }
}

/** A list of numbers for each bin; bins without any take no memory. Made by `Clock.timeline`. */
export class Timeline {
  readonly #clock: Clock;
  readonly #slots: number;
  #bins = new Map<number, Float32Array>();

  constructor(clock: Clock, slots: number) {
    this.#clock = clock;
    this.#slots = slots;
  }

  /** Adds values, given as slot and amount, evenly over a stretch of time. */
  add(fromSeconds: number, toSeconds: number, values: readonly (readonly [slot: number, amount: number])[]): void {
    for (const [bin, share] of this.#clock.spread(fromSeconds, toSeconds)) {
      const numbers = this.#numbers(bin);
      for (const [slot, amount] of values) numbers[slot] = (numbers[slot] ?? 0) + amount * share;
    }
  }

  /** The numbers of one bin; undefined where nothing was added. */
  at(bin: number): Float32Array | undefined {
    return this.#bins.get(bin);
  }

  coarsen(): void {
    const fine = this.#bins;
    this.#bins = new Map();
    for (const [bin, numbers] of fine) {
      const merged = this.#numbers(Math.floor(bin / 2));
      for (const [slot, amount] of numbers.entries()) merged[slot] = (merged[slot] ?? 0) + amount;
    }
  }

  #numbers(bin: number): Float32Array {
    const present = this.#bins.get(bin);
    if (present !== undefined) return present;
    const fresh = new Float32Array(this.#slots);
    this.#bins.set(bin, fresh);
    return fresh;
  }
}
