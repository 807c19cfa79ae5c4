/** Builds a CustomResourceDefinition from a resource's names, its zod schemas and its printer columns. */
import type { z } from 'zod';
import { type StructuralSchema, structuralSchema } from './structural.js';

const GROUP = 'pgscope.dev';
const VERSION = 'v1alpha1';

export interface Resource {
  names: {
    kind: string;
    listKind: string;
    plural: string;
    singular: string;
    shortNames: string[];
    categories: string[];
  };
  scope: 'Namespaced' | 'Cluster';
  description: string;
  spec: z.ZodType;
  /** Undefined: the object is only read. */
  status?: z.ZodType;
  columns: PrinterColumn[];
  /** Paths of fields that lists and watches can be restricted by, besides name and namespace. */
  selectableFields?: string[];
}

/** One column of `kubectl get`; those with priority 1 are shown with `-o wide` only. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  description?: string;
  priority?: number;
}

export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: Record<string, unknown>;
}

/** Throws an Error that names the field, where a schema cannot be said in Kubernetes' terms (see structuralSchema). */
export function customResourceDefinition(resource: Resource): CustomResourceDefinition {
  const { names, scope, columns, selectableFields = [] } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names,
      scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          ...(selectableFields.length > 0 && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
          schema: { openAPIV3Schema: objectSchema(resource) },
          ...(resource.status && { subresources: { status: {} } }),
        },
      ],
    },
  };
}

function objectSchema({ description, spec, status }: Resource): StructuralSchema {
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: { type: 'string', description: `Version of this kind of object: ${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: structuralSchema(spec, 'spec'),
      ...(status && { status: structuralSchema(status, 'status') }),
    },
    required: ['spec'],
  };
}
