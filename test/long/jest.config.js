/** What takes too long for every run: a thousand nodes, twenty servers, long outages (`make e2e-long`). */
import root from '../../jest.config.js';

export default {
  ...root.projects[0],
  displayName: 'long',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/long/**/*.test.ts'],
};
