/** Whether a profile's spec is valid, and allowed by what the administrator has set. */
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import type { ControllerSettings } from '../cluster.js';
import type { Profile } from '../views.js';

export type Acceptance =
  | { accepted: true; spec: PostgresProfileSpec }
  | {
      accepted: false;
      reason: 'InvalidSpec' | 'RawTextForbidden' | 'UnknownDestination';
      message: string;
    };

export function accept(
  { reading }: Pick<Profile, 'reading'>,
  settings: Pick<ControllerSettings, 'destinations' | 'allowRawText'>,
): Acceptance {
  if (!reading.ok) return { accepted: false, reason: 'InvalidSpec', message: `${reading.errors.join('; ')}.` };
  const { spec } = reading;
  if (spec.queryText === 'raw' && !settings.allowRawText) {
    const message =
      'spec.queryText: raw is not allowed in this cluster, since raw text shows literals; use normalized or none, or ask the administrator to allow it.';
    return { accepted: false, reason: 'RawTextForbidden', message };
  }
  const { destination } = spec.export;
  if (!settings.destinations.includes(destination)) {
    const message = `spec.export.destination: the administrator has defined no destination "${destination}"; ${choices(settings.destinations)}.`;
    return { accepted: false, reason: 'UnknownDestination', message };
  }
  return { accepted: true, spec };
}

function choices(destinations: readonly string[]): string {
  if (destinations.length === 0) return 'there is none yet, ask the administrator to define one';
  return `there ${destinations.length === 1 ? 'is' : 'are'} ${destinations.join(', ')}`;
}
