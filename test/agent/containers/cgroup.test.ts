import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { containerOf } from '../../../agent/containers/cgroup.js';

const ID = '0123456789abcdef'.repeat(4);
const OUTER = 'f'.repeat(64);
const POD = '3f2b1c4d-0000-4000-8000-1234567890ab';
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
    ['Docker, systemd', `0::/system.slice/docker-${ID}.scope`],
    ['Docker, cgroupfs', `0::/docker/${ID}`],
    ['Podman', `0::/machine.slice/libpod-${ID}.scope/container`],
    ['seen from a cgroup namespace beside it', `0::/../cri-containerd-${ID}.scope`],
    ['systemd inside of the container', `0::/kubepods/pod${POD}/${ID}/system.slice/postgresql.service`],
    ['containerd in a node that is a container', `0::/docker/${OUTER}/kubelet/kubepods/pod${POD}/${ID}`],
    [
      'cgroup v1, where a hierarchy can lack',
      `12:pids:/\n4:memory:/docker/${OUTER}\n3:cpu,cpuacct:/docker/${OUTER}/kubepods/pod${POD}/${ID}\n1:name=systemd:/docker/${OUTER}\n0::/`,
    ],
  ])('%s', (_, text) => {
    expect(containerOf(`${text}\n`)).toBe(ID);
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
    expect(containerOf(`0::/docker/${OUTER}/kubepods/crio-conmon-${ID}\n`)).toBe(OUTER);
  });

  test('is 64 hex digits or nothing, whatever the file holds', () => {
    fc.assert(fc.property(fc.string(), (text) => /^([0-9a-f]{64})?$/.test(containerOf(text) ?? '')));
  });
});
