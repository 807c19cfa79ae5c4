import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { containerOf, placeKey } from '../../../agent/containers/cgroup.js';

const ID = '0123456789abcdef'.repeat(4);
const OUTER = 'f'.repeat(64);
const POD = '3f2b1c4d-0000-4000-8000-1234567890ab';
const STATIC = '7a'.repeat(16);
const SLICE = `kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice`;

describe('the container of a process', () => {
  test.each([
    ['containerd, systemd', `0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/cri-containerd-${ID}.scope`],
    ['containerd, cgroupfs', `0::/kubepods/burstable/pod${POD}/${ID}`],
    [
      'containerd whose driver is not the one of the kubelet',
      `0::/system.slice/containerd.service/${SLICE}:cri-containerd:${ID}`,
    ],
    ['CRI-O, systemd', `0::/kubepods.slice/${SLICE}/crio-${ID}.scope`],
    ['CRI-O, cgroupfs', `0::/kubepods/burstable/pod${POD}/crio-${ID}`],
    ['CRI-O with a group of its own below', `0::/kubepods.slice/${SLICE}/crio-${ID}.scope/container`],
    ['CRI-O, guaranteed', `0::/kubepods.slice/kubepods-pod${POD.replaceAll('-', '_')}.slice/crio-${ID}.scope`],
    ['Docker, systemd', `0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/docker-${ID}.scope`],
    ['Docker, cgroupfs', `0::/kubepods/besteffort/pod${POD}/${ID}`],
    ['a kubelet with a root of its own', `0::/kubelet.slice/kubelet-${SLICE}/cri-containerd-${ID}.scope`],
    ['seen from the cgroup namespace of another pod', `0::/../../${SLICE}/cri-containerd-${ID}.scope`],
    ['seen from such a namespace, cgroupfs', `0::/../../pod${POD}/${ID}`],
    ['systemd inside of the container', `0::/kubepods/pod${POD}/${ID}/system.slice/postgresql.service`],
    ['containerd in a node that is a container', `0::/docker/${OUTER}/kubelet/kubepods/pod${POD}/${ID}`],
    [
      'cgroup v1, where a hierarchy can lack',
      `12:pids:/\n4:memory:/docker/${OUTER}\n3:cpu,cpuacct:/docker/${OUTER}/kubepods/pod${POD}/${ID}\n1:name=systemd:/docker/${OUTER}\n0::/`,
    ],
    ['a node that is a container of a pod', `0::/kubepods/pod${STATIC}/${OUTER}/kubelet/kubepods/pod${POD}/${ID}`],
  ])('and its pod: %s', (_, text) => {
    const place = containerOf(`${text}\n`);
    expect(place?.id).toBe(ID);
    expect(place && placeKey(place)).toBe(placeKey({ id: ID, podUID: POD }));
  });

  test("a static pod's cgroup has the hash of its file, which is no UID of the API server's", () => {
    const text = `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${STATIC}.slice/cri-containerd-${ID}.scope`;
    expect(containerOf(text)).toEqual({ id: ID, podUID: STATIC });
  });

  test.each([
    ['Docker without Kubernetes, systemd', `0::/system.slice/docker-${ID}.scope`],
    ['Docker without Kubernetes, cgroupfs', `0::/docker/${ID}`],
    ['Podman', `0::/machine.slice/libpod-${ID}.scope/container`],
    ['Podman with a pod of its own', `0::/machine.slice/machine-libpod_pod_${OUTER}.slice/libpod-${ID}.scope`],
    ['seen from the cgroup namespace of a neighbour in the pod', `0::/../cri-containerd-${ID}.scope`],
    ['a kubelet without cgroups for pods', `0::/kubepods/${ID}`],
    ['a container that one in a pod has started', `0::/kubepods/pod${POD}/${OUTER}/docker/${ID}`],
    ['a name that only looks like a pod', `0::/podman.slice/kubepods/mypod${POD}/x/${ID}`],
  ])('and no pod: %s', (_, text) => {
    expect(containerOf(`${text}\n`)).toEqual({ id: ID, podUID: '' });
  });

  test.each([
    ['a host process', '0::/init.scope\n'],
    ['a service with a hash in its name', '0::/system.slice/run-u0123456789abcdef.service\n'],
    ['the monitor of CRI-O', `0::/kubepods.slice/${SLICE}/crio-conmon-${ID}.scope\n`],
    ['the monitor of Podman', `0::/machine.slice/libpod-conmon-${ID}.scope\n`],
    ['65 digits', `0::/docker/${ID}0\n`],
    ['capitals', `0::/docker/${ID.toUpperCase()}\n`],
    ['a process that has ended', ''],
  ])('none: %s', (_, text) => {
    expect(containerOf(text)).toBeUndefined();
  });

  test("a monitor in a node that is a container is the node's", () => {
    expect(containerOf(`0::/docker/${OUTER}/kubepods/crio-conmon-${ID}\n`)?.id).toBe(OUTER);
  });

  test('is 64 hex digits or nothing, whatever the file holds', () => {
    fc.assert(fc.property(fc.string(), (text) => /^([0-9a-f]{64})?$/.test(containerOf(text)?.id ?? '')));
  });
});
