/**
 * What the operator keeps of the objects it watches. Each `project…` takes an object as the API server sent it and copies what is
 * needed: of a pod that is a tenth. The door of operator/views/.
 */
export { type AgentPod, projectAgentPod } from './views/agent-pod.js';
export { type NodeObject, projectNode } from './views/node.js';
export { type NodeProfileObject, projectNodeProfile } from './views/node-profile.js';
export { type OwnerName, type Pod, type PodContainer, projectPod, SERVICE_ANNOTATION_PREFIX } from './views/pod.js';
export { type Profile, projectProfile } from './views/profile.js';
