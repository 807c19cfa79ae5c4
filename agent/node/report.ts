/** Tells the API server how each NodeProfile is doing, from what the capture and the receivers know now. */

import type { TargetRow } from '../../api/node-profile.js';
import { keyOf } from '../../kube/objects.js';
import type { NodeCapture } from './capture.js';
import { healthOf } from './export-health.js';
import { createLostEvents, eventsLost } from './lost-events.js';
import { keyOfTarget, type Plan } from './plan.js';
import type { NodeProfile } from './profiles.js';
import type { NodePrograms } from './programs.js';
import type { Receivers } from './receivers.js';
import { statusOf } from './status.js';
import type { StatusWriter } from './status-writer.js';

export interface ReporterOptions {
  capture: Pick<NodeCapture, 'view' | 'tracer' | 'losses'>;
  programs: Pick<NodePrograms, 'rows'>;
  receivers: Receivers;
  writer: StatusWriter;
}

export interface Reporter {
  report(profiles: readonly NodeProfile[], plan: Plan): void;
  /** Rows of all profiles, as of the last report. */
  readonly rows: readonly TargetRow[];
}

export function createReporter({ capture, programs, receivers, writer }: ReporterOptions): Reporter {
  const lostEvents = createLostEvents();
  let rows: TargetRow[] = [];

  function report(profile: NodeProfile, plan: Plan): TargetRow[] {
    const spec = profile.reading.ok ? profile.reading.spec : undefined;
    const receiver = receivers.get(spec?.destination ?? '');
    const lost = eventsLost(capture.losses, receiver?.telemetry.totals());
    const attached = (spec?.targets ?? []).some((target) => capture.view(keyOfTarget(target)).servers.length > 0);
    const facts = {
      refusal: plan.refusals.get(keyOf(profile)),
      tracer: capture.tracer,
      view: capture.view,
      targets: plan.targets,
      programs: spec === undefined || plan.refusals.has(keyOf(profile)) ? [] : programs.rows(spec),
      health: receiver && healthOf(receiver),
      lostEvents: lostEvents.of(profile, lost, attached),
    };
    const before = writer.last(profile)?.conditions ?? profile.conditions;
    const status = statusOf(profile, facts, before, new Date());
    writer.offer(profile, status);
    return status.targets ?? [];
  }

  return {
    report(profiles, plan) {
      writer.keep(profiles);
      lostEvents.keep(profiles);
      rows = profiles.filter(({ deleting }) => !deleting).flatMap((profile) => report(profile, plan));
    },
    get rows() {
      return rows;
    },
  };
}
