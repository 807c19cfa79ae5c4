/** How the chart runs the operator: its arguments and what memory its pod may take. */
import { parseAllDocuments } from 'yaml';
import { render } from '../../../scripts/chart/helm.js';

/** What the chart needs to be told. */
export const VALUES = ['--set', 'destinations.default.endpoint=http://otel:4318'];

export interface OperatorDeployment {
  args: string[];
  memoryLimitBytes: number;
}

export async function operatorDeployment(): Promise<OperatorDeployment> {
  const objects = parseAllDocuments(await render('charts/pgscope', ...VALUES)).map((document) => document.toJS());
  const deployment = objects.find((object) => object?.kind === 'Deployment');
  const [container] = deployment.spec.template.spec.containers;
  return { args: container.args, memoryLimitBytes: bytes(container.resources.limits.memory) };
}

function bytes(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  const factors: Record<string, number> = { Mi: 2 ** 20, Gi: 2 ** 30 };
  const factor = factors[unit];
  if (factor === undefined) throw new Error(`the chart's memory limit ${quantity} is not in Mi or Gi`);
  return Number(number) * factor;
}
