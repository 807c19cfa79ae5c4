/** The provider `local`: the cluster of local.ts, with two nodes. */
import { execa } from 'execa';
import { environment, network } from './commands.js';
import { startLocalCluster } from './local.js';
import type { Provider } from './provider.js';
import { removeCluster, removeLeftovers } from './removal.js';

const NODES = 2;
const BUILD = new URL('../../scripts/build-cluster.sh', import.meta.url).pathname;

export const local: Provider = {
  async start(options) {
    const { stdout: programs } = await execa(BUILD, ['kubernetes'], { stderr: 'inherit' });
    const record = await startLocalCluster({ ...options, nodes: NODES, programs });
    return {
      environment: { ...environment(record), PGSCOPE_CLUSTER: record.directory },
      enter: ['nsenter', ...network(record)],
      remove: async () => await removeCluster(record.directory),
    };
  },
  clean: removeLeftovers,
};
