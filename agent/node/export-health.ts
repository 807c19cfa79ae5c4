/** Whether a destination takes what is sent: from how the last delivery of each signal ended. */

import type { SignalTotals } from '../telemetry.js';
import type { Refusal } from './plan.js';
import type { Receiver } from './receivers.js';
import type { Judgement } from './status.js';

export interface ExportHealth {
  /** Why nothing can be sent there at all. */
  fault: string | undefined;
  signals: Pick<SignalTotals, 'signal' | 'last'>[];
}

export function healthOf({ fault, telemetry }: Receiver): ExportHealth {
  return { fault, signals: telemetry.totals().exporters.flatMap(({ signals }) => signals) };
}

export function exportingCondition(health: ExportHealth | undefined, refusal: Refusal | undefined): Judgement {
  const condition = (status: Judgement['status'], reason: string, message: string): Judgement => ({
    type: 'Exporting',
    status,
    reason,
    message: message.slice(0, 2048),
  });
  if (health === undefined) return condition('False', 'UnknownDestination', refusal?.message ?? '');
  if (health.fault !== undefined) return condition('False', 'DestinationUnreachable', health.fault);
  const told = (kind: 'retry' | 'lost') =>
    health.signals.flatMap(({ signal, last }) =>
      last?.kind === kind ? [{ ...last, signal, text: `${signal}: ${last.message}` }] : [],
    );
  const [unreachable] = told('retry');
  if (unreachable !== undefined) return condition('False', 'DestinationUnreachable', unreachable.text);
  const delivers = health.signals.some(({ last }) => last?.kind === 'delivered');
  const refused = told('lost');
  // A receiver of one signal alone, such as Jaeger, is right for that signal. Of logs there may be no next one that would be taken.
  const serious = refused.find(
    (outcome) => !(delivers && ((outcome.kind === 'lost' && outcome.lasting) || outcome.signal === 'logs')),
  );
  if (serious !== undefined) return condition('False', 'DestinationRefuses', serious.text);
  if (delivers) return condition('True', 'Exporting', refused.map(({ text }) => text).join('; '));
  return condition('Unknown', 'NothingYet', 'nothing has been sent yet');
}
