/** The measured part of docs/cost.md, as Markdown. */
import type { AgentLoad, ProcessLoad } from './agent-load.js';
import type { VariantCost, WorkloadCost } from './per-statement.js';
import type { Spread } from './statistics.js';
import { LEVELS, levelVariant } from './variants.js';

const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** Where and how it was measured. */
export interface Circumstances {
  /** Name → value, in the order of the page. */
  [name: string]: string;
}

/** `page` with another measured part. Throws an Error if it has no place for it. */
export function replaceMeasured(page: string, measured: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/cost.md must have the lines ${BEGIN} and ${END}: put them back`);
  return `${page.slice(0, begin)}${BEGIN}\n${measured}\n${page.slice(end)}`;
}

export function measuredPart(circumstances: Circumstances, costs: WorkloadCost[], loads: AgentLoad[]): string {
  const facts = Object.entries(circumstances).map(([name, value]) => [name, value]);
  const parts = [table(['', ''], facts), ...costs.map(workloadPart)];
  if (loads.length > 0) parts.push(agentPart(loads));
  return parts.join('\n\n');
}

function workloadPart({ workload, clients, variants }: WorkloadCost): string {
  const [base] = variants;
  const where = clients === 1 ? '1 client, on one CPU' : `${clients} clients`;
  const nothing = base === undefined ? '' : `latency ${us(base.latencyUs)}, CPU ${us(base.cpuUs)}`;
  const rows = variants
    .slice(1)
    .map((cost) => [cost.variant.title, extra(cost.extraLatencyUs), extra(cost.extraCpuUs)]);
  const header = ['extra µs per statement', 'latency', 'CPU of the backend'];
  return [
    `### ${workload.name}, ${where}`,
    `Nothing attached: ${nothing}.`,
    table(header, rows),
    LEVELS.map((level) => ratios(level, variants)).join('\n'),
  ].join('\n\n');
}

/** By CPU time, the steadier of the two. A ratio to what is not clearly above the noise would mean nothing. */
function ratios(level: string, variants: VariantCost[]): string {
  const spread = (name: string) => variants.find(({ variant }) => variant.name === name)?.extraCpuUs;
  const own = spread(levelVariant(level));
  if (own === undefined || own.lower <= 0) return `CPU of level ${level}: within the noise.`;
  const times = (other: string, title: string) => {
    const cost = spread(other);
    if (cost === undefined || cost.lower <= 0) return `${title} is within the noise`;
    return `${(own.median / cost.median).toFixed(2)} × ${title}`;
  };
  const others = [
    times('empty', 'the empty uprobe'),
    times('bpftrace', 'the bpftrace script'),
    times('statistics', 'pg_stat_statements'),
  ];
  return `CPU of level ${level}: ${others.join('; ')}.`;
}

function agentPart(loads: AgentLoad[]): string {
  const rows = loads.map(({ level, interval, statementsPerSecond, agent, tracer }) => [
    `${level}, ${interval}`,
    Math.round(statementsPerSecond).toLocaleString('en'),
    ...processCells(agent),
    ...processCells(tracer),
    `${(agent.cpuPercent + tracer.cpuPercent).toFixed(2)} %`,
  ]);
  const header = ['level, interval', 'statements/s', 'agent CPU', 'memory', 'tracer CPU', 'memory', 'CPU of both'];
  return ['### Agent and tracer, 100 different queries', table(header, rows)].join('\n\n');
}

function processCells({ cpuPercent, residentBytes, peakBytes }: ProcessLoad): string[] {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [`${cpuPercent.toFixed(2)} %`, `${mb(residentBytes)} MB (peak ${mb(peakBytes)})`];
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Median and quartiles. */
function extra({ lower, median, upper }: Spread): string {
  return `${signed(median)} (${signed(lower)} … ${signed(upper)})`;
}

function us({ median }: Spread): string {
  return `${median.toFixed(1)} µs`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
