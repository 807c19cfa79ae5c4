/** The chart's tests: helm renders and installs it (`make chart`). */
import root from '../../jest.config.js';

export default {
  ...root.projects[0],
  displayName: 'chart',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/chart/**/*.test.ts'],
};
