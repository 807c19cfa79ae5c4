/**
 * The trace programs of a node: makes what runs equal to the plan, step by step, and hands on their metrics when they are due. The door of
 * agent/node/programs/.
 */

import type { NodeProfileSpec, ProgramRow } from '../../api/node-profile.js';
import type { CapturedServer } from '../capture.js';
import type { ProgramExport } from '../programs.js';
import type { QueryDescriber } from '../queries.js';
import type { Attributes } from '../telemetry.js';
import { keyOfTarget, type Plan } from './plan.js';
import { findBpftrace } from './programs/bpftrace.js';
import { chooseVariant } from './programs/choose.js';
import { holdRun, type Takes, type WantedRun } from './programs/held-run.js';
import type { Library, Obstacle } from './programs/library.js';
import type { Args } from './programs/plan.js';
import { type Outcome, outcomeOf, programRow } from './programs/rows.js';
import { createRuns, type Runs } from './programs/runs.js';
import { usableWith } from './programs/usable.js';

export {
  createLibrary,
  type Library,
  projectTraceProgram,
  TRACE_PROGRAMS_PATH,
  type TraceProgram,
} from './programs/library.js';

export interface NodeProgramsOptions {
  library: Library;
  /** Most runs at one time, each a process of its own; 0: none is run. */
  maxRuns: number;
  /** The captured servers of a container, by its placeKey. */
  servers(container: string): readonly CapturedServer[];
  /** Of a captured server's telemetry; undefined if it has none at this destination. */
  resource(server: CapturedServer, destination: string): Attributes | undefined;
  output(destination: string): ProgramExport;
  /** Whether metrics and log records go out there. */
  takes(destination: string): Takes;
  describe: QueryDescriber['describe'];
  /** PGSCOPE_BPFTRACE names another bpftrace. */
  env: NodeJS.ProcessEnv;
  /** Something has happened that a step should see to. */
  onChange(): void;
  onLog(line: string): void;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

export interface NodePrograms extends Pick<Runs, 'states' | 'losses' | 'nextAt' | 'end'> {
  /** Begins and ends runs, and collects what is due: one step towards the plan. */
  step(plan: Pick<Plan, 'targets'>): void;
  /** A row for each program of a NodeProfile. */
  rows(spec: Pick<NodeProfileSpec, 'destination' | 'programs' | 'targets'>): ProgramRow[];
}

export function createNodePrograms(options: NodeProgramsOptions): NodePrograms {
  const { library, maxRuns, env, onChange, onLog, now = () => performance.now() } = options;
  const path = env.PGSCOPE_BPFTRACE ?? 'bpftrace';
  const bpftrace = findBpftrace(path, now, onChange);
  const usable = usableWith({ library, bpftrace, maxRuns });
  const runs = createRuns({
    usable,
    maxRuns,
    hold(wish, ready) {
      const { destination } = wish;
      const to = { output: options.output(destination), takes: options.takes(destination) };
      return holdRun({ ...options, ...ready, ...to, wanted: wish, bpftrace: path, now });
    },
    onChange,
    onLog,
    now,
  });
  let targets: Plan['targets'] = new Map();
  /** Of the last step, by key. */
  let wanted: ReadonlyMap<string, WantedRun> = new Map();

  function wordsOf(name: string, args: Args): string | undefined {
    const ready = usable(name, args);
    return 'program' in ready ? ready.words.join('\0') : undefined;
  }

  function wantedOf(container: string, server: CapturedServer): WantedRun[] {
    const { programs, streams } = targets.get(container) ?? { programs: [], streams: new Map() };
    return programs.flatMap((planned) => {
      const { name, destination, variants } = planned;
      const key = runKey(server, planned);
      const present = runs.words(key)?.join('\0');
      const variant = chooseVariant(variants, (args) => wordsOf(name, args), present);
      const resource = options.resource(server, destination);
      const queryText = streams.get(destination)?.queryText;
      if (variant === undefined || resource === undefined || queryText === undefined) return [];
      return [{ key, server, destination, name, ...variant, queryText, resource }];
    });
  }

  /** What is asked for may be another thing than what runs: one profile's arguments alone count. */
  function outcome(server: CapturedServer, asked: Asked): Outcome {
    const key = runKey(server, asked);
    const wish = wanted.get(key);
    const isOther = wish !== undefined && wordsOf(asked.name, wish.args) !== wordsOf(asked.name, asked.args);
    const name = server.name ?? server.target;
    return isOther ? outcomeOf(name, OTHER_ARGUMENTS) : runs.outcome(key, name);
  }

  function row(asked: Asked, containers: readonly string[]): ProgramRow {
    const ready = usable(asked.name, asked.args);
    if (!('program' in ready)) return programRow(asked.name, [outcomeOf('', ready)]);
    const servers = containers.flatMap((container) => options.servers(container));
    return programRow(
      asked.name,
      servers.map((server) => outcome(server, asked)),
    );
  }

  return {
    step(plan) {
      targets = plan.targets;
      const all = [...targets.keys()].flatMap((container) =>
        options.servers(container).flatMap((server) => wantedOf(container, server)),
      );
      wanted = new Map(all.map((one) => [one.key, one]));
      const names = new Set([...targets.values()].flatMap(({ programs }) => programs.map(({ name }) => name)));
      if (names.size > 0 && maxRuns > 0) bpftrace.look();
      library.keep(names);
      runs.follow(all);
      runs.collect();
    },
    rows({ destination, programs, targets: asked }) {
      const containers = asked.map(keyOfTarget);
      return programs.map(({ name, args }) => row({ destination, name, args }, containers));
    },
    get states() {
      return runs.states;
    },
    losses: runs.losses,
    get nextAt() {
      return runs.nextAt;
    },
    end: runs.end,
  };
}

interface Asked {
  destination: string;
  name: string;
  args: Args;
}

const OTHER_ARGUMENTS: Obstacle = {
  reason: 'OtherArguments',
  message:
    'another profile has it run for the same server and destination with other arguments; give both the same, or export one of them to another destination',
};

/** What there is one run of. */
function runKey({ target }: CapturedServer, { destination, name }: Pick<Asked, 'destination' | 'name'>): string {
  return `${target} ${destination} ${name}`;
}
