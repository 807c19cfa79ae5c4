/** The CustomResourceDefinitions, made from the zod schemas: the files of crds/. The door of api/crd/. */
import { stringify } from 'yaml';
import type { CustomResourceDefinition } from './crd/definition.js';
import { nodeProfileDefinition } from './crd/node-profile.js';
import { postgresProfileDefinition } from './crd/postgres-profile.js';
import { traceProgramDefinition } from './crd/trace-program.js';

const HEADER = '# Generated from api/ by scripts/generate-crds.ts; do not edit.\n';

/** The text of every file of crds/, by its name. */
export function crdFiles(): Map<string, string> {
  return new Map(
    [postgresProfileDefinition(), nodeProfileDefinition(), traceProgramDefinition()].map((definition) => [
      fileName(definition),
      text(definition),
    ]),
  );
}

/** `pgscope.dev_postgresprofiles.yaml`, as Kubernetes' own generator names such files. */
function fileName({ metadata }: CustomResourceDefinition): string {
  const [plural, ...group] = metadata.name.split('.');
  return `${group.join('.')}_${plural}.yaml`;
}

function text(definition: CustomResourceDefinition): string {
  return HEADER + stringify(definition, { lineWidth: 120, aliasDuplicateObjects: false });
}
