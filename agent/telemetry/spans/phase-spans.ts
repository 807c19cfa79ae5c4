/** The phases of a statement as spans below it: parse, plan, execute… */

import type { StatementEvent } from '../../tracer/events.js';
import { POINT } from '../names.js';
import { keyValues } from '../otlp/attributes.js';
import type { Span } from '../otlp/model.js';
import { innerSpan } from './inner-span.js';

/** Each phase once, in the order of time; none below level phases. */
export function phaseSpans({ phases = [] }: Pick<StatementEvent, 'phases'>, statement: Span): Span[] {
  return phases.map(({ phase, startUnixNano, ns }) =>
    innerSpan(statement, { name: phase, startUnixNano, ns, attributes: keyValues({ [POINT.phase.name]: phase }) }),
  );
}
