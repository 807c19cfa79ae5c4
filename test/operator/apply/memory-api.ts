/** A KubeClient that keeps objects as an API server does, as far as the operator goes: apply, merge patch, preconditions, versions. */
import { type KubeClient, KubeError, type KubeRequest } from '../../../kube/client.js';
import type { RawObject } from '../profiles/objects.js';

export interface MemoryApi extends KubeClient {
  /** By path, such as /api/v1/nodes/worker-1. */
  objects: Map<string, RawObject>;
  /** Writes, as `VERB path`, in order. */
  writes: string[];
  /** Called after each write with the object before and after it; undefined: none. */
  onWrite?: (path: string, before: RawObject | undefined, after: RawObject | undefined) => void;
  /** Makes a request fail that is asked for it. */
  failure?: ((request: KubeRequest) => KubeError | undefined) | undefined;
}

export function memoryApi(): MemoryApi {
  let version = 100;
  const objects = new Map<string, RawObject>();

  const keep = (path: string, after: RawObject | undefined, verb: string): RawObject | undefined => {
    const before = objects.get(path);
    if (verb !== 'DELETE' && JSON.stringify(before) === JSON.stringify(after)) return before;
    const stored = after && { ...after, metadata: { ...after.metadata, resourceVersion: String(++version) } };
    if (stored === undefined) objects.delete(path);
    else objects.set(path, stored);
    api.onWrite?.(path, before, stored);
    return stored;
  };

  const apply = (path: string, body: RawObject) => {
    const ofStatus = path.endsWith('/status');
    const target = path.replace(/\/status$/, '');
    const before = objects.get(target);
    if (before === undefined && ofStatus) throw notFound(path);
    if (before === undefined) {
      const made = { uid: `uid-${++version}`, resourceVersion: '', generation: 1 };
      return keep(target, { ...body, metadata: { ...made, ...body.metadata } }, 'PATCH');
    }
    if (body.metadata.uid !== undefined && body.metadata.uid !== before.metadata.uid) throw conflict(path);
    if (ofStatus) return keep(target, { ...before, status: body.status }, 'PATCH');
    const changed = JSON.stringify(before.spec) !== JSON.stringify(body.spec);
    const generation = (before.metadata.generation ?? 0) + (changed ? 1 : 0);
    return keep(
      target,
      { ...before, metadata: { ...before.metadata, ...body.metadata, generation }, spec: body.spec },
      'PATCH',
    );
  };

  const mergeLabels = (path: string, body: RawObject) => {
    const before = objects.get(path);
    if (before === undefined) throw notFound(path);
    const merged = Object.entries({ ...before.metadata.labels, ...body.metadata?.labels });
    const labels = Object.fromEntries(merged.filter(([, value]) => (value as string | null) !== null));
    return keep(path, { ...before, ...body, metadata: { ...before.metadata, labels } }, 'PATCH');
  };

  const write = ({ method, path, body, contentType }: KubeRequest): unknown => {
    const object = body as RawObject & Preconditions;
    const before = objects.get(path);
    if (method === 'PATCH') return contentType?.includes('apply') ? apply(path, object) : mergeLabels(path, object);
    if (method === 'POST') return keep(`${path}/${object.metadata.name}`, object, method);
    if (before === undefined) throw notFound(path);
    checkPreconditions(path, before, object);
    return keep(path, method === 'PUT' ? object : undefined, method ?? 'GET');
  };

  const read = (path: string, labelSelector: unknown): unknown => {
    const one = objects.get(path);
    if (one !== undefined) return one;
    const plural = path.slice(path.lastIndexOf('/') + 1);
    if (/\d/.test(plural) || !plural.endsWith('s')) throw notFound(path);
    const prefix = path.slice(0, -plural.length);
    const items = [...objects]
      .filter(([key]) => key.startsWith(prefix) && key.split('/').at(-2) === plural)
      .map(([, object]) => object)
      .filter(({ metadata }) => isSelected(metadata.labels ?? {}, String(labelSelector ?? '')));
    return { metadata: {}, items };
  };

  const api: MemoryApi = {
    objects,
    writes: [],
    request: async <T>(request: KubeRequest) => {
      request.signal?.throwIfAborted();
      const failure = api.failure?.(request);
      if (failure !== undefined) throw failure;
      const { method = 'GET', path, query } = request;
      if (method === 'GET') return read(path, query?.labelSelector) as T;
      api.writes.push(`${method} ${path}`);
      return structuredClone(write(request)) as T;
    },
    watch: () => {
      throw new Error('nothing watches here');
    },
    close: () => {},
  };
  return api;
}

interface Preconditions {
  preconditions?: { uid: string };
}

function checkPreconditions(
  path: string,
  before: RawObject,
  body: (Partial<RawObject> & Preconditions) | undefined,
): void {
  const version = body?.metadata?.resourceVersion;
  const uid = body?.preconditions?.uid;
  if (version !== undefined && version !== before.metadata.resourceVersion) throw conflict(path);
  if (uid !== undefined && uid !== before.metadata.uid) throw conflict(path);
}

function isSelected(labels: Record<string, string>, selector: string): boolean {
  const parts = selector.split(',').filter((part) => part !== '');
  return parts.every((part) => {
    const [key = '', value] = part.split('=');
    return value === undefined ? key in labels : labels[key] === value;
  });
}

export function notFound(path: string): KubeError {
  return new KubeError(`${path}: not found`, { code: 404, reason: 'NotFound' });
}

export function conflict(path: string): KubeError {
  return new KubeError(`${path}: conflict`, { code: 409, reason: 'Conflict' });
}
