/** Starts a cluster of one node without images, says where it is, and waits to be killed: `owner.ts DIRECTORY-OF-PROGRAMS`. */
import { startLocalCluster } from '../../cluster/local.js';

const [, , programs = ''] = process.argv;
const record = await startLocalCluster({ nodes: 1, programs, images: [], onLog: (line) => console.error(line) });
console.log(record.directory);
process.stdin.resume();
