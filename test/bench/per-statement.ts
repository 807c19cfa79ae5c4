/** What each variant costs per statement: rounds in which every combination of workload, clients and variant is measured once. */
import { BENCH_CPU } from './cpus.js';
import { type Measurement, measure } from './pgbench.js';
import { type Spread, spreadOf } from './statistics.js';
import { type Servers, VARIANTS, type Variant } from './variants.js';
import type { Workload } from './workloads.js';

/** One client shares one CPU with its backend; many have all CPUs. */
export const CLIENTS = [1, 8] as const;

export interface PerStatementOptions {
  servers: Servers;
  workloads: readonly Workload[];
  rounds: number;
  secondsPerRound: number;
  signal: AbortSignal;
  onProgress(line: string): void;
}

/** One row of the table; times in µs per statement. */
export interface VariantCost {
  variant: Variant;
  latencyUs: Spread;
  cpuUs: Spread;
  /** More than with nothing attached, differences within one round. */
  extraLatencyUs: Spread;
  extraCpuUs: Spread;
}

export interface WorkloadCost {
  workload: Workload;
  clients: number;
  variants: VariantCost[];
}

interface Result {
  workload: string;
  clients: number;
  variant: string;
  round: number;
  measurement: Measurement;
}

export async function perStatement(options: PerStatementOptions): Promise<WorkloadCost[]> {
  const results: Result[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const workload of options.workloads) {
      options.onProgress(`round ${round + 1} of ${options.rounds}: ${workload.name}`);
      for (const variant of rotated(VARIANTS, round)) results.push(...(await once(options, workload, variant, round)));
    }
  }
  return options.workloads.flatMap((workload) =>
    CLIENTS.map((clients) => ({ workload, clients, variants: costs(results, workload, clients) })),
  );
}

/** Each round begins with another variant, so that none always follows the same one. */
function rotated<T>(values: readonly T[], by: number): T[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}

async function once(
  options: PerStatementOptions,
  workload: Workload,
  variant: Variant,
  round: number,
): Promise<Result[]> {
  options.signal.throwIfAborted();
  const server = options.servers[variant.server];
  const watcher = await variant.attach?.(server);
  const results: Result[] = [];
  try {
    for (const clients of CLIENTS) {
      const measurement = await measure({
        ...workload,
        server,
        clients,
        seconds: options.secondsPerRound,
        cpu: clients === 1 ? BENCH_CPU : undefined,
        signal: options.signal,
      });
      results.push({ workload: workload.name, clients, variant: variant.name, round, measurement });
    }
  } finally {
    await watcher?.detach();
  }
  return results;
}

function costs(results: readonly Result[], workload: Workload, clients: number): VariantCost[] {
  const own = results.filter((result) => result.workload === workload.name && result.clients === clients);
  const of = (variant: string | undefined) => own.filter((result) => result.variant === variant);
  const base = new Map(of(VARIANTS[0]?.name).map(({ round, measurement }) => [round, measurement]));
  return VARIANTS.map((variant) => {
    const rounds = of(variant.name);
    const extra = (value: 'latencyUs' | 'cpuUs') =>
      spreadOf(rounds.map(({ round, measurement }) => measurement[value] - (base.get(round)?.[value] ?? Number.NaN)));
    return {
      variant,
      latencyUs: spreadOf(rounds.map(({ measurement }) => measurement.latencyUs)),
      cpuUs: spreadOf(rounds.map(({ measurement }) => measurement.cpuUs)),
      extraLatencyUs: extra('latencyUs'),
      extraCpuUs: extra('cpuUs'),
    };
  });
}
