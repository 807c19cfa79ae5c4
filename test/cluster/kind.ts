/**
 * The provider `kind`: the cluster of kind-config.yaml under a name of its own, on the Docker of this machine. It has been tried with stub
 * programs alone: where this was written there is no Docker.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Provider } from './provider.js';

const CONFIG = fileURLToPath(new URL('../../kind-config.yaml', import.meta.url));
const NAME = /^pgscope-test-[0-9a-f]{6}$/;

export const kind: Provider = {
  async start({ images, onLog }) {
    const name = `pgscope-test-${randomBytes(3).toString('hex')}`;
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    const kubeconfig = join(folder, 'kubeconfig');
    const remove = async () => {
      await run('delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig);
      await rm(folder, { recursive: true, force: true });
    };
    try {
      onLog(`creating the kind cluster ${name}`);
      const options = ['--config', CONFIG, '--kubeconfig', kubeconfig, '--wait', '3m'];
      await run('create', 'cluster', '--name', name, ...options);
      for (const archive of images) await run('load', 'image-archive', archive, '--name', name);
    } catch (error) {
      await remove().catch(() => {}); // what has failed before says more
      throw error;
    }
    return { environment: { KUBECONFIG: kubeconfig, PGSCOPE_KIND_CLUSTER: name }, enter: [], remove };
  },
  /** Docker keeps them beyond the process that made them, and kind cannot say whose they are: all of this name. */
  async clean() {
    const { stdout } = await execa('kind', ['get', 'clusters']);
    const names = stdout.split('\n').filter((name) => NAME.test(name));
    for (const name of names) await run('delete', 'cluster', '--name', name);
    return names;
  },
};

async function run(...args: string[]): Promise<void> {
  await execa('kind', args, { stdin: 'ignore', stdout: ['pipe', 'inherit'], stderr: ['pipe', 'inherit'] }).catch(
    (error) => {
      const isMissing = error.code === 'ENOENT';
      throw isMissing ? new Error('kind is missing: install it, or leave PGSCOPE_CLUSTER_PROVIDER out') : error;
    },
  );
}
