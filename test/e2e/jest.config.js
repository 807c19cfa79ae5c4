/** The end-to-end suite: inside of a cluster that test/cluster/main.ts has started (`make e2e`), one file after the other. */
import root from '../../jest.config.js';

export default {
  ...root.projects[0],
  displayName: 'e2e',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  globalSetup: '<rootDir>/test/e2e/installation.ts',
  // In the order of their names: the last one uninstalls the chart.
  testSequencer: '<rootDir>/test/e2e/sequencer.js',
};
