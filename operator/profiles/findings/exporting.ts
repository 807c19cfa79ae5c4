/** Exporting: whether spans and metrics of the attached targets reach their destination, as their agents say. */
import { examples, type Finding, holds, unknown } from '../condition.js';
import { isActive, type Situation } from '../situation.js';
import type { NodeReport } from '../targets.js';

export function exporting(situation: Situation): Finding {
  const { life, suspended } = situation;
  if (life.completed) return unknown('Completed', 'The duration is over; nothing is exported any more.');
  if (suspended) return unknown('Suspended', 'Nothing is exported while spec.suspend is true.');
  const working = isActive(situation) ? situation.reports.filter(hasAttached) : [];
  const said = working.map(({ nodeName, stored }) => {
    return { nodeName, condition: stored?.status.conditions?.find(({ type }) => type === 'Exporting') };
  });
  const refused = said.filter(({ condition }) => condition?.status === 'False');
  const [first] = refused;
  if (first?.condition !== undefined) {
    const texts = refused.map(
      ({ nodeName, condition }) => `node ${nodeName}: ${condition?.message || condition?.reason}`,
    );
    return { status: 'False', reason: first.condition.reason, message: examples(texts) };
  }
  if (said.length > 0 && said.every(({ condition }) => condition?.status === 'True')) {
    return holds('Exporting', 'Spans and metrics reach their destination.');
  }
  return unknown('NothingYet', 'Nothing has been exported yet.');
}

function hasAttached({ agentReady, targets }: NodeReport): boolean {
  return agentReady && targets.some(({ state }) => state === 'Attached');
}
