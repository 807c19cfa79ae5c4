/** References to container images, such as `registry:5000/team/postgres:17.5@sha256:…`. */

export interface ImageReference {
  /** Registry and repository; empty where the reference is only a digest. */
  name: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

export function parseImage(reference: string): ImageReference {
  const at = reference.indexOf('@');
  const digest = at === -1 ? undefined : reference.slice(at + 1);
  const named = at === -1 ? reference : reference.slice(0, at);
  // A colon before the last slash belongs to the registry's port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  return { name: colon === -1 ? named : named.slice(0, colon), ...(tag && { tag }), ...(digest && { digest }) };
}

/** service.version of an image: tag and digest, or what there is of them. */
export function imageVersion({ tag, digest }: ImageReference): string | undefined {
  return tag && digest ? `${tag}@${digest}` : (tag ?? digest);
}

/** `docker.io/library/postgres@sha256:…` of an image ID; undefined where the image came from no registry. */
export function repoDigest(imageID: string | undefined): string | undefined {
  const reference = imageID?.replace(/^[a-z-]+:\/\//, '');
  return reference?.includes('@') ? reference : undefined;
}
