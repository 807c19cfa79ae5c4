/** TracePrograms of the administrator: cluster-scoped objects, which tests make and take away again. */
import { apply, type KubeObject, remove } from './kubernetes.js';

/** Those that the chart installs. */
export const SHIPPED = ['pg-cpudist', 'pg-read-sleep', 'pg-syscalls', 'pg-writesnoop'];

export const TRACE_PROGRAMS = '/apis/pgscope.dev/v1alpha1/traceprograms';

export function traceProgram(name: string, spec: KubeObject): KubeObject {
  return { apiVersion: 'pgscope.dev/v1alpha1', kind: 'TraceProgram', metadata: { name }, spec };
}

const made = new Set<string>();

/** Made, or changed. */
export async function applyProgram(name: string, spec: KubeObject): Promise<void> {
  made.add(name);
  await apply(traceProgram(name, spec));
}

/** All those that tests have made. */
export async function removePrograms(): Promise<void> {
  for (const name of made) await remove(`${TRACE_PROGRAMS}/${name}`);
  made.clear();
}
