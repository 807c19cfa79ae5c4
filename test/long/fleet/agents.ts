/** Answers NodeProfiles as the agents of their nodes would: every PostgreSQL container attached, no server in the others. */
import { agentOn } from '../../chart/installation.js';
import { type Administrator, eachOf } from '../administrator.js';
import { targetLine } from '../fleet.js';

const ALL = '/apis/pgscope.dev/v1alpha1/nodeprofiles';

interface StoredNodeProfile {
  metadata: { namespace: string; name: string; generation: number };
  spec: { nodeName: string; targets: { podUID: string; container: string; containerID: string }[] };
  status?: { observedGeneration?: number };
}

/** What the NodeProfiles hold, in the form of `Fleet.targets`. */
export async function storedTargets(administrator: Administrator): Promise<string[]> {
  const stored: StoredNodeProfile[] = await administrator.list(ALL);
  return stored.flatMap(({ metadata, spec }) =>
    spec.targets.map(({ podUID, containerID }) =>
      targetLine(metadata.namespace, spec.nodeName, `${podUID} ${containerID}`),
    ),
  );
}

/** Those that have no answer to their present spec; how many that were. */
export async function answerNodeProfiles(administrator: Administrator): Promise<number> {
  const stored: StoredNodeProfile[] = await administrator.list(ALL);
  const open = stored.filter(({ metadata, status }) => status?.observedGeneration !== metadata.generation);
  await eachOf(open, ({ metadata, spec }) =>
    administrator.ask('PATCH', `${path(metadata)}/status?fieldManager=pgscope-agent`, {
      as: agentOn(spec.nodeName),
      contentType: 'application/merge-patch+json',
      body: { status: answer(metadata.generation, spec) },
    }),
  );
  return open.length;
}

function path({ namespace, name }: StoredNodeProfile['metadata']): string {
  return `/apis/pgscope.dev/v1alpha1/namespaces/${namespace}/nodeprofiles/${name}`;
}

function answer(generation: number, { targets }: StoredNodeProfile['spec']) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const condition = (type: string, reason: string) => {
    return { type, status: 'True', reason, message: '', observedGeneration: generation, lastTransitionTime: now };
  };
  return {
    observedGeneration: generation,
    lostEvents: 0,
    conditions: [condition('Ready', 'Profiling'), condition('Exporting', 'Exporting')],
    targets: targets.map(({ container, containerID }, number) =>
      container === 'postgres'
        ? {
            ...{ containerID, state: 'Attached', reason: 'Attached', message: '', pid: 4000 + number },
            ...{ serverVersion: '18.1', level: 'statements', attachedAt: now },
          }
        : { containerID, state: 'NoPostgres', reason: 'NoPostgres', message: 'no postmaster runs in the container' },
    ),
  };
}
