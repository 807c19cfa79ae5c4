/**
 * Runs the suite inside of a cluster that test/cluster/main.ts has started (`make e2e`): starts the receivers, installs the chart, and
 * gives what is left to jest: `main.ts OPTION…`. In a cluster that has both already it does neither again.
 */
import { execa } from 'execa';
import { upgrade } from './installation.js';
import { startReceivers } from './receivers.js';

await startReceivers();
await upgrade();
const jest = [
  '--experimental-vm-modules',
  'node_modules/jest/bin/jest.js',
  '--config=test/e2e/jest.config.js',
  '--runInBand',
];
const options = { stdio: 'inherit', reject: false } as const;
const { exitCode = 1 } = await execa(process.execPath, [...jest, ...process.argv.slice(2)], options);
process.exitCode = exitCode;
