/** The container of a process, and the pod it is of, from its /proc/PID/cgroup: any runtime, cgroup v1 and v2, cgroupfs and systemd names, nested or not. */

/**
 * A path's part that names a container: 64 hex digits, with what the runtime puts around them. containerd `cri-containerd-ID.scope`,
 * CRI-O `crio-ID.scope`, Docker `docker-ID.scope`, Podman `libpod-ID.scope`; with the cgroupfs driver the ID alone or `crio-ID`; containerd
 * with a driver other than the kubelet's `kubepods-burstable-podUID.slice:cri-containerd:ID`.
 */
const CONTAINER = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/;

/**
 * A path's part that names a pod, as the kubelet calls it: `podUID`, with systemd `kubepods-burstable-podUID.slice`, where systemd has made
 * the dashes of the UID underscores. A static pod's UID there is not the one that the API server shows.
 */
const POD = /(?:^|-)pod([0-9A-Za-z_-]{1,64})(?:\.slice)?(?::|$)/;

/** Where a process is. */
export interface Place {
  /** The container's ID, 64 hex digits. */
  id: string;
  /** UID of the pod whose cgroup the container's is in, or an empty text where the kubelet has made none. */
  podUID: string;
}

/**
 * The innermost container that holds the process; undefined if none does. `text`: the whole file. Hierarchies can differ in how deep they
 * go (cgroup v1, and v2 beside it): the one that names the most containers counts.
 */
export function containerOf(text: string): Place | undefined {
  let deepest: Place[] = [];
  for (const line of text.split('\n')) {
    const places = placesOf(line);
    if (places.length > deepest.length) deepest = places;
  }
  return deepest.at(-1);
}

/** The same text for two spellings of one pod's UID. */
export function placeKey({ id, podUID }: Place): string {
  return `${podUID.replaceAll('-', '_')}/${id}`;
}

/** From the outermost to the innermost. A line is `number:controllers:path`; the path may hold colons. */
function placesOf(line: string): Place[] {
  const parts = (/^\d+:[^:]*:(.*)$/.exec(line)?.[1] ?? '').split('/');
  return parts.flatMap((part, i) => {
    const [, prefix = '', id] = CONTAINER.exec(part) ?? [];
    // conmon watches over a container (CRI-O, Podman) and is not in it.
    if (id === undefined || prefix.endsWith('conmon')) return [];
    // Right above it and nowhere else: what is further away can belong to a node that is itself a pod's container.
    const [, podUID = ''] = POD.exec(prefix) ?? POD.exec(parts[i - 1] ?? '') ?? [];
    return [{ id, podUID }];
  });
}
