/** PostgresProfiles of the tests, and what the operator says about them. */
import { eventually, get, type KubeObject, kubectl, list, patch, remove } from './kubernetes.js';

const GROUP = '/apis/pgscope.dev/v1alpha1/namespaces';

export const profilePath = (namespace: string, name: string): string =>
  `${GROUP}/${namespace}/postgresprofiles/${name}`;
export const nodeProfilesPath = (namespace: string): string => `${GROUP}/${namespace}/nodeprofiles`;

/** Every statement a span, metrics each second, all to the recorder: what a test looks at. */
export const EVERYTHING = {
  spans: { minDuration: '0ms', maxPerSecond: 10_000 },
  metrics: { interval: '1s' },
  export: { destination: 'recorder' },
};

export function profile(namespace: string, name: string, spec: KubeObject): KubeObject {
  return { apiVersion: 'pgscope.dev/v1alpha1', kind: 'PostgresProfile', metadata: { namespace, name }, spec };
}

export async function editProfile(namespace: string, name: string, spec: KubeObject): Promise<void> {
  await patch(profilePath(namespace, name), { spec });
}

export async function deleteProfile(namespace: string, name: string): Promise<void> {
  await remove(profilePath(namespace, name));
}

/** All of the namespace, with their node profiles. */
export async function deleteProfiles(namespace: string): Promise<void> {
  const path = profilePath(namespace, '').replace(/\/$/, '');
  for (const { metadata } of await list(path)) await deleteProfile(namespace, metadata.name);
  await eventually('node profiles to be gone', async () => (await nodeProfiles(namespace)).length === 0);
}

export async function profileStatus(namespace: string, name: string): Promise<KubeObject> {
  return (await get(profilePath(namespace, name)))?.status ?? {};
}

export interface Expected {
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  /** What the message has to hold. */
  says?: RegExp;
  /** The spec's present generation is meant; default true. */
  current?: boolean;
}

/** Waits until the condition is as expected, and gives the whole status. */
export async function condition(
  namespace: string,
  name: string,
  type: string,
  expected: Expected,
): Promise<KubeObject> {
  let last: KubeObject;
  try {
    await eventually(`condition ${type} of ${name}`, async () => {
      last = await get(profilePath(namespace, name));
      return isMet(last, type, expected);
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${JSON.stringify(last?.status)}; wanted ${JSON.stringify(expected)}`);
  }
  await show(namespace, name, last);
  return last.status;
}

const shown = new Set<string>();

/** What a user sees, once for each state that a file brings about: read it, it has to help. */
async function show(namespace: string, name: string, { status }: KubeObject): Promise<void> {
  const state = status.conditions
    .map(({ type, status, reason }: KubeObject) => `${type}=${status} ${reason}`)
    .join(', ');
  if (shown.has(state)) return;
  shown.add(state);
  console.log(await look(namespace, name));
}

/** As `kubectl get` and `kubectl describe` show the profile. */
export async function look(namespace: string, name: string): Promise<string> {
  const of = ['postgresprofile', '--namespace', namespace, name];
  return `${await kubectl('get', ...of, '--output=wide')}\n\n${await kubectl('describe', ...of)}`;
}

export async function ready(namespace: string, name: string): Promise<KubeObject> {
  return await condition(namespace, name, 'Ready', { status: 'True', reason: 'Profiling' });
}

function isMet(object: KubeObject, type: string, { status, reason, says, current = true }: Expected): boolean {
  const found = object?.status?.conditions?.find((one: KubeObject) => one.type === type);
  return (
    found?.status === status &&
    (reason === undefined || found.reason === reason) &&
    (says === undefined || says.test(found.message)) &&
    (!current || found.observedGeneration === object.metadata.generation)
  );
}

export async function nodeProfiles(namespace: string): Promise<KubeObject[]> {
  return await list(nodeProfilesPath(namespace));
}
