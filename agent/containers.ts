/** Containers of this host, seen from its /proc alone: no runtime is asked. The door of agent/containers/. */

export { placeKey } from './containers/cgroup.js';
export {
  type ContainerFollower,
  type ContainerSight,
  createContainerFollower,
  type WantedContainer,
} from './containers/follow.js';
