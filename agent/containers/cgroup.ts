/** The container of a process, from its /proc/PID/cgroup: any runtime, cgroup v1 and v2, cgroupfs and systemd names, nested or not. */

/**
 * A path's part that names a container: 64 hex digits, with what the runtime puts around them. containerd `cri-containerd-ID.scope`,
 * CRI-O `crio-ID.scope`, Docker `docker-ID.scope`, Podman `libpod-ID.scope`; with the cgroupfs driver the ID alone or `crio-ID`; containerd
 * with a driver other than the kubelet's `kubepods-burstable-podUID.slice:cri-containerd:ID`.
 */
const CONTAINER = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/;

/**
 * The ID of the innermost container that holds the process; undefined if none does. `text`: the whole file. Hierarchies can differ in how
 * deep they go (cgroup v1, and v2 beside it): the one that names the most containers counts.
 */
export function containerOf(text: string): string | undefined {
  let deepest: string[] = [];
  for (const line of text.split('\n')) {
    const ids = containersOf(line);
    if (ids.length > deepest.length) deepest = ids;
  }
  return deepest.at(-1);
}

/** From the outermost to the innermost. A line is `number:controllers:path`; the path may hold colons. */
function containersOf(line: string): string[] {
  const path = /^\d+:[^:]*:(.*)$/.exec(line)?.[1] ?? '';
  return path.split('/').flatMap((part) => {
    const [, prefix = '', id] = CONTAINER.exec(part) ?? [];
    // conmon watches over a container (CRI-O, Podman) and is not in it.
    return id === undefined || prefix.endsWith('conmon') ? [] : [id];
  });
}
