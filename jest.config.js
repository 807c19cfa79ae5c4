/** Unit tests mirror the tree; integration tests run real servers and the real tracer, one file at a time. */
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  // What was built, and file systems of other machines.
  modulePathIgnorePatterns: ['<rootDir>/(build|cache|dist)/'],
};

export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/{api,agent,kube,operator,scripts}/**/*.test.ts'] },
    { ...shared, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...shared, displayName: 'jaeger', testMatch: ['<rootDir>/test/jaeger/**/*.test.ts'] },
  ],
};
