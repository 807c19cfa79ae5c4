/** What a run of the benchmark can be told through the environment. */

import { WORKLOADS, type Workload } from './workloads.js';

export interface BenchOptions {
  /** How often each combination is measured. */
  rounds: number;
  /** How long one measurement takes. */
  secondsPerRound: number;
  workloads: Workload[];
  /** How long agent and tracer are watched, at each of two intervals. */
  agentSeconds: number;
  /** Statements per second meanwhile. */
  agentRate: number;
}

/** Throws an Error that names the variable and what it may be. */
export function benchOptions(env: NodeJS.ProcessEnv): BenchOptions {
  return {
    rounds: positive(env, 'ROUNDS', 5),
    secondsPerRound: positive(env, 'SECONDS_PER_ROUND', 2),
    workloads: chosenWorkloads(env.WORKLOADS),
    agentSeconds: positive(env, 'AGENT_SECONDS', 30),
    agentRate: positive(env, 'AGENT_RATE', 30_000),
  };
}

function positive(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name] || String(otherwise);
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} is "${text}"; it must be a whole number from 1 on`);
  return Number(text);
}

function chosenWorkloads(text: string | undefined): Workload[] {
  if (!text) return [...WORKLOADS];
  return text.split(',').map((name) => {
    const workload = WORKLOADS.find((candidate) => candidate.name === name);
    if (workload !== undefined) return workload;
    const names = WORKLOADS.map((candidate) => candidate.name).join(', ');
    throw new Error(`WORKLOADS names "${name}"; use some of ${names}, with commas between them`);
  });
}
