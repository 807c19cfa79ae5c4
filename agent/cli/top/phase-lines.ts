/** How long a query's statements were in each phase, and which share of their time that was. */
import { PHASES } from '../../tracer.js';
import { compactDuration, compactShare } from '../quantities.js';
import { bar } from './glyphs.js';
import { type Cell, type Line, row } from './lines.js';
import type { QueryTotals } from './view.js';

const NAME_WIDTH = 20;
const BAR_WIDTH = 10;

/** In the order of time, behind an empty line; none where they are not known. */
export function phaseLines({ phases, durationNs, calls, errors }: QueryTotals): Line[] {
  const known = PHASES.filter((phase) => phases[phase] > 0);
  if (known.length === 0) return [];
  const sum = known.reduce((all, phase) => all + phases[phase], 0);
  const whole = Math.max(durationNs, sum);
  const statements = calls + errors;
  const rows = known.map((phase) => {
    const share = phases[phase] / whole;
    const perCall = statements === 0 ? '' : compactDuration(phases[phase] / 1e9 / statements);
    return row(
      cells([phase, compactDuration(phases[phase] / 1e9), compactShare(share), bar(share, BAR_WIDTH), perCall]),
    );
  });
  return [[], row(cells(['PHASES', 'TIME', 'SHARE', '', 'PER CALL']), 'heading'), ...rows];
}

function cells([name = '', time = '', share = '', drawn = '', perCall = '']: readonly string[]): Cell[] {
  return [
    { text: name, width: NAME_WIDTH, align: 'left' },
    { text: time, width: 5 },
    { text: share, width: 5 },
    { text: drawn, width: BAR_WIDTH, align: 'left' },
    { text: perCall, width: 8 },
  ];
}
