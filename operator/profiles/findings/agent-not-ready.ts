/** AgentNotReady: nobody on a node can tell how far its targets are. By nodes, since the targets of one have one cause. */
import { counted, examples, type Finding, unknown } from '../condition.js';
import type { TargetOutcome } from '../targets.js';

/** Undefined if all agents are ready. */
export function agentNotReady(targets: TargetOutcome[]): Finding | undefined {
  const found = targets.filter(({ state }) => state === 'AgentNotReady');
  if (found.length === 0) return undefined;
  const ofNode = new Map(found.map(({ nodeName, message }) => [nodeName, message]));
  const nodes = new Set(targets.map(({ nodeName }) => nodeName)).size;
  const causes = examples([...ofNode].map(([nodeName, message]) => `node ${nodeName}: ${message}`));
  return unknown('AgentNotReady', `No agent reports from ${ofNode.size} of ${counted(nodes, 'node')}: ${causes}.`);
}
