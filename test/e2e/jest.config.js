/** The end-to-end suite, one file after the other; main.ts beside this file runs it. */
import root from '../../jest.config.js';

export default {
  ...root.projects[0],
  displayName: 'e2e',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  // In the order of their names: the last one uninstalls the chart.
  testSequencer: '<rootDir>/test/e2e/sequencer.js',
};
