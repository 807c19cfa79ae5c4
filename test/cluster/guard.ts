/**
 * Removes a cluster when the process that started it ends, by whatever way: it holds the reading end of a pipe whose writing end
 * only that process has. Started by local.ts with the cluster's directory as argument, in a session of its own, so that neither
 * Ctrl-C nor a closed terminal ends it.
 */
import { removeCluster } from './removal.js';

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('usage: guard.ts DIRECTORY');
process.stdin.resume();
process.stdin.once('close', () => {
  removeCluster(directory).catch((error: unknown) => {
    console.error(
      `pgscope's test cluster in ${directory} could not be removed: ${String(error)}; make cluster-clean tries again`,
    );
    process.exitCode = 1;
  });
});
