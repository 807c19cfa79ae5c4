/** Renders the chart with helm: the one that $HELM or $PATH has, else the local cluster's. */
import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

/** The Kubernetes that examples are rendered for. */
const KUBERNETES = '1.34.0';

/** Throws if there is none, with what to do. */
export function helm(env: NodeJS.ProcessEnv = process.env): string {
  if (env.HELM) return env.HELM;
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'helm'));
  const cluster = join(env.PGSCOPE_CACHE ?? 'cache', 'cluster');
  const built = existsSync(cluster) ? readdirSync(cluster).filter((name) => /^kubernetes-[0-9a-f]+$/.test(name)) : [];
  const found = [...onPath, ...built.map((name) => join(cluster, name, 'helm'))].find((path) => existsSync(path));
  if (found === undefined) throw new Error('helm is missing: install it, or run scripts/build-cluster.sh kubernetes');
  return found;
}

/** What `helm template` prints for a release "pgscope" in namespace "pgscope"; throws with helm's message if it refuses. */
export async function render(chart: string, ...options: string[]): Promise<string> {
  const where = ['--namespace', 'pgscope', '--kube-version', KUBERNETES];
  const { failed, stdout, stderr } = await execa(helm(), ['template', 'pgscope', chart, ...where, ...options], {
    reject: false,
    stripFinalNewline: false,
  });
  if (failed) throw new Error(stderr);
  return stdout;
}

/** What the examples render to, by the path of the file below the chart's folder. Without the definitions, which crds/ shows. */
export async function renderExamples(chart: string): Promise<Map<string, string>> {
  const names = (await readdir(join(chart, 'examples'))).sort();
  const rendered = names.map(async (name): Promise<[string, string]> => {
    const values = join(chart, 'examples', name, 'values.yaml');
    return [
      join('examples', name, 'rendered.yaml'),
      await render(chart, '--values', values, '--set', 'crds.install=false'),
    ];
  });
  return new Map(await Promise.all(rendered));
}
