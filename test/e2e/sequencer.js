/** Runs the files of the suite in the order of their names. */
import sequencer from '@jest/test-sequencer';

export default class ByName extends sequencer.default {
  sort(tests) {
    return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}
